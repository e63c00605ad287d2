/**
 * The contrastive loss over pixel pairs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Options of {@link infoNce}. */
export interface InfoNceOptions {
  /** Divides the cosines; 0.53 in the published pretraining. */
  temperature: number;
  /** [n], 1 for pairs that count, 0 for pairs that are neither anchors nor negatives. */
  mask?: tf.Tensor1D;
}

/** Subtracted from the logits of what is no negative: far below any logit, finite. */
const EXCLUDED = 1e9;

/** Keeps the normalisation of a zero vector finite. */
const NORM_EPSILON = 1e-12;

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
  u: tf.Tensor2D,
  v: tf.Tensor2D,
  { temperature, mask }: InfoNceOptions,
): tf.Scalar {
  if (u.shape[0] !== v.shape[0] || u.shape[1] !== v.shape[1]) {
    throw new RangeError(
      `infoNce: expected u and v of one shape, found [${u.shape}] and [${v.shape}]`,
    );
  }
  const rows = 2 * u.shape[0];
  return tf.tidy(() => {
    const z = normaliseRows(tf.concat([u, v]));
    const weights = mask ? tf.concat([mask, mask]) : tf.ones<tf.Rank.R1>([rows]);
    // Cast, because the wasm backend's oneHot writes integers whatever its dtype.
    const itself = tf.cast(tf.oneHot(tf.range(0, rows, 1, "int32"), rows), "float32");
    const excluded = tf.mul(tf.add(itself, tf.sub(1, weights)), EXCLUDED);
    const logits: tf.Tensor2D = tf.sub(tf.mul(gram(z), 1 / temperature), excluded);
    const [first, second] = tf.split(z, 2);
    const positives = tf.mul(tf.sum(tf.mul(first, second), 1), 1 / temperature);
    const crossEntropy = tf.sub(rowLogSumExp(logits), tf.concat([positives, positives]));
    const total = tf.sum(tf.mul(crossEntropy, weights));
    return tf.div(total, tf.maximum(tf.sum(weights), 1));
  });
}

/** Divides each row by its length. */
function normaliseRows(x: tf.Tensor2D): tf.Tensor2D {
  const squared = tf.sum(tf.square(x), 1, true);
  return tf.mul(x, tf.rsqrt(tf.add(squared, NORM_EPSILON)));
}

/** z·zᵀ. Transposes are explicit: the transposing matrix products of tfjs's wasm are slow. */
function gram(z: tf.Tensor2D): tf.Tensor2D {
  const product = tf.customGrad((...args) => {
    const [z, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([z]);
    return {
      value: tf.matMul<tf.Tensor2D>(z, tf.transpose(z)),
      gradFunc: (dy: tf.Tensor2D, [z]: tf.Tensor[]) =>
        tf.matMul(tf.add(dy, tf.transpose(dy)), z as tf.Tensor2D),
    };
  });
  return product(z);
}

/** log Σⱼ exp(xᵢⱼ), by shifting each row to its maximum; the gradient is the softmax. */
function rowLogSumExp(x: tf.Tensor2D): tf.Tensor1D {
  const reduce = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const maximum = tf.max(x, 1, true);
    const exponentials = tf.exp(tf.sub(x, maximum));
    const sums = tf.sum(exponentials, 1, true);
    save([exponentials, sums]);
    return {
      value: tf.squeeze<tf.Tensor1D>(tf.add(maximum, tf.log(sums)), [1]),
      gradFunc: (dy: tf.Tensor, [exponentials, sums]: tf.Tensor[]) =>
        tf.mul(exponentials, tf.div(tf.expandDims(dy, 1), sums)),
    };
  });
  return reduce(x);
}
