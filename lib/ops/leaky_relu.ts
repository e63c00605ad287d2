/**
 * The leaky ReLU and its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "./custom_grad.ts";
import { runKernel } from "./kernel.ts";
import type { Images } from "./tensors.ts";

/** What is left of a negative value, as in nnU-Net and PyTorch. */
const SLOPE = 0.01;

/**
 * y = x where x > 0, else 0.01·x (Maas et al., ICML 2013); the derivative at 0 is 0.01, as PyTorch's.
 *
 * Kernels: tfjs's `LeakyRelu` {x}, attribute {alpha} → y; `LeakyReluGrad` {dy, x}, the same
 * attribute → dx.
 *
 * @param x [batch, height, width, channels], or volumes [batch, depth, height, width, channels].
 * @returns the same shape.
 */
export function leakyRelu<X extends Images>(x: X): X {
  return customGrad({ x }, {
    forward: () => ({ value: tf.leakyRelu<X>(x, SLOPE), saved: { x } }),
    backward: (dy, { x }) => {
      const compose = (): [X] => [tf.where<X>(tf.greater(x, 0), dy, tf.mul(dy, SLOPE))];
      const [dx] = runKernel("LeakyReluGrad", { dy, x }, { alpha: SLOPE }, compose);
      return { x: dx };
    },
  });
}
