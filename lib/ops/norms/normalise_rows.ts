/**
 * Vectors on the unit sphere.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Tensor2D } from "../tensors.ts";

/** Keeps the gradient of a zero vector finite. */
const NORM_EPSILON = 1e-12;

/**
 * Divides each row by its length, so that products of rows are cosines; a zero vector stays.
 *
 * @param x [rows, channels].
 * @returns the same shape.
 */
export function normaliseRows(x: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const squared = tf.sum(tf.square(x), 1, true);
    return tf.mul(x, tf.rsqrt(tf.add(squared, NORM_EPSILON)));
  });
}
