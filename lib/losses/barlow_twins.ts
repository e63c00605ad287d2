/**
 * The redundancy-reduction loss over pixels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "../ops/custom_grad.ts";
import type { Scalar, Tensor1D, Tensor2D } from "../ops/tensors.ts";

/** Options of {@link barlowTwins}. */
export interface BarlowTwinsOptions {
  /** Weight of the off-diagonal terms; 5e-3 in the published pretraining. */
  lambda: number;
  /** [pixels], 1 for pixels that count, 0 for those that do not. */
  mask?: Tensor1D;
}

/** Added to the variance, as in batch normalisation. */
const VARIANCE_EPSILON = 1e-5;

/**
 * Barlow Twins (Zbontar et al., ICML 2021, eq. 1): Σᵢ (1 − Cᵢᵢ)² + λ Σᵢ Σ_{j≠i} Cᵢⱼ² of the
 * {@link crossCorrelation} C between the channels of two views.
 *
 * @param u [pixels, d], the first view's features.
 * @param v [pixels, d], the second one's at the same pixels.
 */
export function barlowTwins(
  u: Tensor2D,
  v: Tensor2D,
  { lambda, mask }: BarlowTwinsOptions,
): Scalar {
  return tf.tidy(() => {
    const identity = tf.eye(u.shape[1]);
    const weights = tf.add(tf.mul(identity, 1 - lambda), lambda);
    const difference = tf.sub(crossCorrelation(u, v, mask), identity);
    return tf.sum(tf.mul(weights, tf.square(difference)));
  });
}

/**
 * Correlation of each channel of u with each of v over the pixels that count, with biased variances
 * and 1e-5 added to them. Zero when no pixel counts.
 *
 * @param u [pixels, d].
 * @param v [pixels, d].
 * @param mask [pixels], 0 or 1; all count without it.
 * @returns [d, d].
 */
export function crossCorrelation(
  u: Tensor2D,
  v: Tensor2D,
  mask?: Tensor1D,
): Tensor2D {
  return tf.tidy(() => {
    const weights = pixelWeights(u.shape[0], mask);
    const a = centre(u, weights);
    const b = centre(v, weights);
    const covariance = transposedProduct(tf.mul(a, weights), b);
    // Scaling the d × d covariance instead of both views spares two passes over all pixels.
    const scale = tf.mul(tf.transpose(inverseDeviation(a, weights)), inverseDeviation(b, weights));
    return tf.mul(covariance, scale);
  });
}

/** The share of each pixel in a mean: [pixels, 1], with sum 1. */
function pixelWeights(pixels: number, mask?: Tensor1D): Tensor2D {
  if (!mask) return tf.fill([pixels, 1], 1 / pixels);
  return tf.reshape(tf.div(mask, tf.maximum(tf.sum(mask), 1)), [pixels, 1]);
}

/**
 * x without each channel's mean. The gradient passes unchanged: its part through the mean is zero,
 * as covariances of centred features do not change, to first order, when all pixels shift.
 */
function centre(x: Tensor2D, weights: Tensor2D): Tensor2D {
  return customGrad({ x }, {
    forward: () => ({ value: tf.sub<Tensor2D>(x, transposedProduct(weights, x)), saved: {} }),
    backward: (dy) => ({ x: dy }),
  });
}

/** 1/√(variance + ε) of each channel of centred x: [1, d]. */
function inverseDeviation(x: Tensor2D, weights: Tensor2D): Tensor2D {
  return tf.rsqrt(tf.add(transposedProduct(weights, tf.square(x)), VARIANCE_EPSILON));
}

/** aᵀ·b. */
function transposedProduct(a: Tensor2D, b: Tensor2D): Tensor2D {
  return tf.matMul(a, b, true, false);
}
