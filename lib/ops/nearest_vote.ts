/**
 * Classification by the nearest rows of a labelled memory, without the matrix of all pairs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { runKernel } from "./kernel.ts";
import type { Tensor1D, Tensor2D } from "./tensors.ts";

/** Labelled vectors. */
export interface LabelledRows {
  /** [n, d], each row of length 1, or 0. */
  features: Tensor2D;
  /** [n], whole numbers in [0, classes). */
  labels: Tensor1D;
}

/** Options of {@linkcode nearestVote}. */
export interface NearestVoteOptions {
  /** How many rows of the memory vote, k; all of them where it has fewer. */
  neighbours: number;
  /** Number of classes. */
  classes: number;
}

/** The least weight of a vote: rows that are nowhere near the memory have neighbours too. */
const LEAST_VOTE = 1e-6;

/** Similarities that plain tfjs holds at once: 16 MB. */
const PAIRS = 2 ** 22;

/**
 * For each row of x, the shares of the classes in the vote of its k nearest rows of the memory, by
 * inner product, which is also the weight of their votes (1e-6 at least). Of equally near rows the
 * earlier one votes. Not differentiable.
 *
 * Kernel: `NearestVote` {x, features, labels}, attributes {neighbours, classes, leastVote} → shares.
 *
 * @param x [m, d], each row of length 1, or 0: the inner product is the cosine.
 * @returns [m, classes], each row of sum 1.
 */
export function nearestVote(
  x: Tensor2D,
  { features, labels }: LabelledRows,
  { neighbours, classes }: NearestVoteOptions,
): Tensor2D {
  const k = Math.min(neighbours, features.shape[0]);
  const [shares] = runKernel(
    "NearestVote",
    { x, features, labels },
    { neighbours: k, classes, leastVote: LEAST_VOTE },
    () => [compose(x, { features, labels }, { neighbours: k, classes })],
  );
  return shares;
}

function compose(
  x: Tensor2D,
  { features, labels }: LabelledRows,
  { neighbours, classes }: NearestVoteOptions,
): Tensor2D {
  const [rows, channels] = x.shape;
  const votes = tf.oneHot(tf.cast(labels, "int32"), classes);
  const part = Math.max(1, Math.floor(PAIRS / features.shape[0]));
  const parts: Tensor2D[] = [];
  for (let first = 0; first < rows; first += part) {
    parts.push(tf.tidy(() => {
      const some = tf.slice2d(x, [first, 0], [Math.min(part, rows - first), channels]);
      const { values, indices } = tf.topk(tf.matMul(some, features, false, true), neighbours);
      const weights = tf.maximum(values, LEAST_VOTE);
      // [rows, k, classes]; cast, because not every backend's oneHot minds its dtype.
      const cast = tf.cast(tf.gather(votes, tf.cast(indices, "int32")), "float32");
      const shares = tf.sum(tf.mul(cast, tf.expandDims(weights, 2)), 1);
      return tf.div(shares, tf.sum(weights, 1, true)) as Tensor2D;
    }));
  }
  return tf.concat(parts);
}
