/**
 * The Gaussian error linear unit and its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "./custom_grad.ts";
import { runKernel } from "./kernel.ts";
import type { Tensor, Tensor4D } from "./tensors.ts";

/**
 * GELU (Hendrycks & Gimpel 2016, arXiv 1606.08415, eq. 1): x·Φ(x), Φ the normal distribution
 * function; the exact form, not its approximation by tanh, as PyTorch's default. Differentiable.
 *
 * Kernels: `Gelu` {x} → y; `GeluGrad` {dy, x} → dx.
 */
export function gelu(x: Tensor4D): Tensor4D {
  return customGrad({ x }, {
    forward: () => {
      const compose = (): [Tensor4D] => [tf.mul(x, distribution(x))];
      const [value] = runKernel("Gelu", { x }, {}, compose);
      return { value, saved: { x } };
    },
    backward: (dy, { x }) => {
      const [dx] = runKernel("GeluGrad", { dy, x }, {}, () => [gradient(dy, x)]);
      return { x: dx };
    },
  });
}

/** The gradient in plain tfjs: dy · (Φ(x) + x·φ(x)). */
function gradient(dy: Tensor4D, x: Tensor4D): Tensor4D {
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return tf.mul(dy, tf.add(distribution(x), tf.mul(x, density)));
}

/** Φ(x). */
function distribution(x: Tensor): Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}
