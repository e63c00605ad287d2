/**
 * Agreement of two segmentations of the same slices, without labels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Scalar, Tensor4D } from "../ops/tensors.ts";

/**
 * Consistency loss of Mean Teacher (Tarvainen & Valpola, NeurIPS 2017, eq. 1): the squared
 * difference of two softmaxes, the mean over slices, pixels and classes.
 *
 * @param logits [batch, height, width, classes], of the student.
 * @param target the same shape: the teacher's probabilities, through which no gradient runs.
 * @returns the loss in [0, 2 / classes].
 */
export function consistency(logits: Tensor4D, target: Tensor4D): Scalar {
  return tf.tidy(() => tf.mean<Scalar>(tf.square(tf.sub(tf.softmax(logits), target))));
}

/** When consistency counts, and how much at the end. */
export interface ConsistencyRamp {
  /** The weight of the last step. */
  weight: number;
  /** Share of the steps, 0 to 1, in which it does not count yet. */
  warmup: number;
  /** Number of steps in the run, T. */
  steps: number;
}

/**
 * The consistency loss's weight at step t, counted from 1: weight·exp(−5(1 − t/T)²) (Laine & Aila,
 * Temporal Ensembling, ICLR 2017), 0 during the warm-up.
 */
export function consistencyWeight(
  step: number,
  { weight, warmup, steps }: ConsistencyRamp,
): number {
  return step <= warmup * steps ? 0 : weight * Math.exp(-5 * (1 - step / steps) ** 2);
}
