/**
 * The contrastive loss over pixel pairs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../ops/norms/normalise_rows.ts";
import { similarityLogSumExp } from "../ops/similarity.ts";
import type { Scalar, Tensor1D, Tensor2D } from "../ops/tensors.ts";

/** Options of {@link infoNce}. */
export interface InfoNceOptions {
  /** Divides the cosines; 0.53 in the published pretraining. */
  temperature: number;
  /** [n], 1 for pairs that count, 0 for pairs that are neither anchors nor negatives. */
  mask?: Tensor1D;
}

/**
 * InfoNCE as NT-Xent (Chen et al., SimCLR, ICML 2020, eq. 1) over n pairs of vectors: of the 2n
 * L2-normalised vectors each has its partner as positive and the 2n − 2 others as negatives; the
 * loss is the mean cross-entropy of the 2n − 1 cosines over the temperature. 0 when no pair counts.
 *
 * @param u [n, d], the first vectors of the pairs.
 * @param v [n, d], the second ones.
 * @throws RangeError when u and v differ in shape.
 */
export function infoNce(
  u: Tensor2D,
  v: Tensor2D,
  { temperature, mask }: InfoNceOptions,
): Scalar {
  if (u.shape[0] !== v.shape[0] || u.shape[1] !== v.shape[1]) {
    throw new RangeError(
      `infoNce: expected u and v of one shape, found [${u.shape}] and [${v.shape}]`,
    );
  }
  return tf.tidy(() => {
    const z = normaliseRows(tf.concat([u, v]));
    const weights = mask ? tf.concat([mask, mask]) : tf.ones<tf.Rank.R1>([z.shape[0]]);
    const [first, second] = tf.split(z, 2);
    const positives = tf.mul(tf.sum(tf.mul(first, second), 1), 1 / temperature);
    const crossEntropy = tf.sub(
      similarityLogSumExp(z, weights, { temperature }),
      tf.concat([positives, positives]),
    );
    const total = tf.sum(tf.mul(crossEntropy, weights));
    return tf.div(total, tf.maximum(tf.sum(weights), 1));
  });
}
