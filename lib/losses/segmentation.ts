/**
 * Losses of segmentation with labels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Scalar, Tensor4D } from "../ops/tensors.ts";

/** Added to both sides of the Dice ratio, so that an absent class that is not predicted gives 1. */
const DICE_SMOOTHING = 1e-5;

/** Labelled pixels that the mean is over at least: a view may show none. */
const LEAST_KNOWN = 1e-5;

/**
 * Soft Dice loss (Milletari et al., V-Net, 2016, with sums in the denominator instead of squares):
 * 1 − (2 Σ p·t + 1e-5) / (Σ p + Σ t + 1e-5), p the softmax of the logits, summed over the pixels of
 * one class in one slice; the mean over slices and classes, the background included. This is
 * MONAI's `DiceLoss(softmax=True)`, which the published code uses. Pixels that nobody labelled are in
 * none of the sums: t is 0 there, and p counts as much as the pixel is known.
 *
 * @param logits [batch, height, width, classes].
 * @param target the same shape, the classes of a pixel summing to 1, or to what is known of it.
 * @param known [batch, height, width, 1], the labelled share of each pixel, 0 to 1; all where absent.
 * @returns the loss in [0, 1].
 */
export function softDice(logits: Tensor4D, target: Tensor4D, known?: Tensor4D): Scalar {
  return tf.tidy(() => {
    const softmax = tf.softmax(logits);
    const probabilities: Tensor4D = known ? tf.mul(softmax, known) : softmax;
    const overlap = tf.sum(tf.mul(softmax, target), [1, 2]);
    const total = tf.sum(tf.add(probabilities, target), [1, 2]);
    const dice = tf.div(
      tf.add(tf.mul(overlap, 2), DICE_SMOOTHING),
      tf.add(total, DICE_SMOOTHING),
    );
    return tf.sub(1, tf.mean<Scalar>(dice));
  });
}

/**
 * Cross-entropy of the softmax: −Σ t·log p over the classes, the mean over all pixels that are
 * labelled, as PyTorch's `cross_entropy` with `ignore_index`; 0 where none is.
 *
 * @param logits [batch, height, width, classes].
 * @param target the same shape, the classes of a pixel summing to 1, or to what is known of it.
 * @param known [batch, height, width, 1], the labelled share of each pixel, 0 to 1; all where absent.
 */
export function crossEntropy(logits: Tensor4D, target: Tensor4D, known?: Tensor4D): Scalar {
  return tf.tidy(() => {
    const classes = logits.shape[3];
    const terms = tf.mul(tf.logSoftmax(logits), target);
    // The mean over pixels and classes, times the number of classes.
    if (!known) return tf.mul(tf.mean<Scalar>(terms), -classes);
    return tf.div(tf.neg(tf.sum<Scalar>(terms)), tf.maximum(tf.sum<Scalar>(known), LEAST_KNOWN));
  });
}

/**
 * Soft Dice plus cross-entropy (Isensee et al., nnU-Net, 2021).
 *
 * @param logits [batch, height, width, classes].
 * @param target the same shape, the classes of a pixel summing to 1, or to what is known of it.
 * @param known [batch, height, width, 1], the labelled share of each pixel, 0 to 1; all where absent.
 */
export function diceCrossEntropy(logits: Tensor4D, target: Tensor4D, known?: Tensor4D): Scalar {
  return tf.tidy(() =>
    tf.add(softDice(logits, target, known), crossEntropy(logits, target, known))
  );
}
