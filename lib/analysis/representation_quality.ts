/**
 * How good a representation is, without labels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../ops/norms/normalise_rows.ts";
import { covarianceMatrix } from "../math/covariance.ts";
import type { MatchedFeatures } from "./pixel_features.ts";
import { symmetricEigen } from "../math/symmetric_eigen.ts";

/** What is measured; the names are those of the file written. */
export interface RepresentationQuality {
  /** Mean squared distance of matched features on the unit sphere, in [0, 4]; 0 is invariance. */
  alignment: number;
  /** How evenly features fill the unit sphere: 0 where all are the same, the lower the better. */
  uniformity: number;
  /** Dimensions that hardly vary: with a standard deviation below 1e-3 of the features' size. */
  dead_dimensions: number;
  /** How many dimensions are in use, in [1, D]; 1 on a line and where nothing varies. */
  effective_rank: number;
}

/** Sharpness t of uniformity's kernel exp(−t d²). */
const SHARPNESS = 2;

/** Standard deviation of a dead dimension, relative to the root mean square of all features. */
const DEAD = 1e-3;

/**
 * Measures matched features.
 *
 * Alignment E‖u − v‖² and uniformity log E exp(−2 ‖x − y‖²) are those of Wang & Isola (ICML 2020,
 * eq. in section 4, with α = 2 and t = 2) on L2-normalised features: uniformity over pairs of
 * different pixels of a view, the mean of both views. The effective rank is that of Roy & Vetterli
 * (EUSIPCO 2007), exp(−Σ pᵢ log pᵢ) with p the singular values of the centred features of both
 * views, divided by their sum.
 */
export async function representationQuality(
  { u, v }: MatchedFeatures,
): Promise<RepresentationQuality> {
  const onSphere = tf.tidy(() => {
    const [a, b] = [normaliseRows(u), normaliseRows(v)];
    const alignment = tf.mean(tf.sum(tf.square(tf.sub(a, b)), 1));
    return tf.stack([alignment, tf.mean(tf.stack([uniformity(a), uniformity(b)]))]);
  });
  const [alignment, uniform] = await onSphere.data();
  onSphere.dispose();
  const dimensions = u.shape[1];
  const features = new Float64Array(u.size + v.size);
  features.set(await u.data());
  features.set(await v.data(), u.size);
  const covariance = covarianceMatrix(features, dimensions);
  const size = Math.sqrt(features.reduce((sum, x) => sum + x * x, 0) / features.length);
  const variances = covariance.filter((_, i) => i % (dimensions + 1) === 0);
  return {
    alignment,
    uniformity: uniform,
    dead_dimensions: variances.filter((variance) => Math.sqrt(variance) <= DEAD * size).length,
    effective_rank: effectiveRank(covariance),
  };
}

/** log of the mean of exp(−t ‖x − y‖²) over pairs of different rows. */
function uniformity(z: tf.Tensor2D): tf.Scalar {
  const n = z.shape[0];
  const lengths = tf.sum(tf.square(z), 1, true);
  const products = tf.matMul(z, z, false, true);
  const distances = tf.sub(tf.add(lengths, tf.reshape(lengths, [1, n])), tf.mul(2, products));
  const potentials = tf.sum(tf.sum(tf.exp(tf.mul(-SHARPNESS, distances)), 1));
  // Each row's potential with itself is 1.
  return tf.log(tf.div(tf.sub(potentials, n), n * (n - 1)));
}

/** The exponential of the entropy of the singular values. */
function effectiveRank(covariance: Float64Array): number {
  // Rounding can make eigenvalues that are 0 negative.
  const singular = symmetricEigen(covariance).values.map((value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((sum, value) => sum + value, 0);
  const entropy = singular.reduce((sum, value) => {
    const p = value / total;
    return p > 0 ? sum - p * Math.log(p) : sum;
  }, 0);
  return Math.exp(entropy);
}
