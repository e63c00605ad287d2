/**
 * Layer normalisation over a pixel's channels, and its gradient in closed form.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "../custom_grad.ts";
import type { NormWeights } from "./group_norm.ts";
import { runKernel } from "../kernel.ts";
import type { Tensor, Tensor1D, Tensor4D } from "../tensors.ts";

/** Added to the variance, as in ConvNeXt's published code. */
const EPSILON = 1e-6;

/**
 * Normalises each pixel over its channels (Ba, Kiros & Hinton 2016, arXiv 1607.06450, eq. 4):
 * y = γ·(x − μ)/√(σ² + 1e-6) + β. Differentiable in x, γ and β.
 *
 * Kernels: `LayerNorm` {x, gamma, beta}, attribute {epsilon} → y; `LayerNormGrad` {dy, x, gamma},
 * the same attribute → [dx, dgamma, dbeta].
 *
 * @param x [batch, height, width, channels].
 * @returns y, of x's shape.
 */
export function layerNorm(x: Tensor4D, { gamma, beta }: NormWeights): Tensor4D {
  const attributes = { epsilon: EPSILON };
  return customGrad({ x, gamma, beta }, {
    forward: () => {
      const compose = () => forward(x, { gamma, beta });
      const [value] = runKernel("LayerNorm", { x, gamma, beta }, attributes, compose);
      return { value, saved: { x, gamma } };
    },
    backward: (dy, { x, gamma }) => {
      const compose = () => backward(dy, x, gamma);
      const [dx, dgamma, dbeta] = runKernel("LayerNormGrad", { dy, x, gamma }, attributes, compose);
      return { x: dx, gamma: dgamma, beta: dbeta };
    },
  });
}

/** [y] in plain tfjs. */
function forward(x: Tensor4D, { gamma, beta }: NormWeights): [Tensor4D] {
  return [tf.add(tf.mul(standardise(x).normalised, gamma), beta)];
}

/** x̂ and 1/σ in plain tfjs. */
function standardise(x: Tensor): { normalised: Tensor; inverse: Tensor } {
  const centred = tf.sub(x, tf.mean(x, 3, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 3, true), EPSILON));
  return { normalised: tf.mul(centred, inverse), inverse };
}

/**
 * [dx, dgamma, dbeta] in plain tfjs: dx = (γ·dy − mean(γ·dy) − x̂ · mean(γ·dy·x̂)) / σ, the means
 * over a pixel's channels.
 */
function backward(
  dy: Tensor4D,
  x: Tensor4D,
  gamma: Tensor1D,
): [Tensor4D, Tensor1D, Tensor1D] {
  const { normalised, inverse } = standardise(x);
  const scaled = tf.mul(dy, gamma);
  const along = tf.mul(normalised, tf.mean(tf.mul(scaled, normalised), 3, true));
  const dx = tf.mul<Tensor4D>(tf.sub(tf.sub(scaled, tf.mean(scaled, 3, true)), along), inverse);
  const overPixels = (t: Tensor): Tensor1D => tf.sum(t, [0, 1, 2]);
  return [dx, overPixels(tf.mul(dy, normalised)), overPixels(dy)];
}
