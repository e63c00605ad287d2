/**
 * The normaliser of contrastive losses, without the matrix of all pairs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "./custom_grad.ts";
import { runKernel } from "./kernel.ts";
import type { Tensor1D, Tensor2D } from "./tensors.ts";

/** Subtracted from the similarities that do not count: far below any of them, finite. */
const EXCLUDED = 1e9;

/**
 * For each row i of z, log Σⱼ exp(zᵢ·zⱼ / temperature) over the other rows j that count: the
 * denominator of NT-Xent (Chen et al., SimCLR, ICML 2020, eq. 1). Differentiable in z. About −1e9
 * where no other row counts.
 *
 * Kernels: `SimilarityLogSumExp` {z, mask}, attribute {scale: 1 / temperature} → lse;
 * `SimilarityLogSumExpGrad` {dy, z, mask, lse}, the same attribute → dz.
 *
 * @param z [n, d].
 * @param mask [n], 1 for rows that count, 0 for the others.
 * @returns [n].
 */
export function similarityLogSumExp(
  z: Tensor2D,
  mask: Tensor1D,
  { temperature }: { temperature: number },
): Tensor1D {
  const attributes = { scale: 1 / temperature };
  return customGrad({ z, mask }, {
    forward: () => {
      const compose = (): [Tensor1D] => [tf.logSumExp(similarities(z, mask, temperature), 1)];
      const [value] = runKernel("SimilarityLogSumExp", { z, mask }, attributes, compose);
      return { value, saved: { z, mask, lse: value } };
    },
    backward: (dy, saved) => {
      const inputs = { dy, ...saved };
      const compose = (): [Tensor2D] => [gradient(inputs, temperature)];
      const [dz] = runKernel("SimilarityLogSumExpGrad", inputs, attributes, compose);
      return { z: dz };
    },
  });
}

/** zᵢ·zⱼ / temperature, [n, n]; far below zero with itself and with rows that do not count. */
function similarities(z: Tensor2D, mask: Tensor1D, temperature: number): Tensor2D {
  const n = z.shape[0];
  // Cast, because not every backend's oneHot minds its dtype.
  const itself = tf.cast(tf.oneHot(tf.range(0, n, 1, "int32"), n), "float32");
  const excluded = tf.mul(tf.maximum(itself, tf.sub(1, mask)), EXCLUDED);
  return tf.sub(tf.mul(tf.matMul(z, z, false, true), 1 / temperature), excluded);
}

/** With P the softmax of each row: dz = (dy·P + (dy·P)ᵀ) z / temperature. */
function gradient(
  { dy, z, mask, lse }: { dy: Tensor1D; z: Tensor2D; mask: Tensor1D; lse: Tensor1D },
  temperature: number,
): Tensor2D {
  const logits = similarities(z, mask, temperature);
  const share = tf.mul(tf.exp(tf.sub(logits, tf.expandDims(lse, 1))), tf.expandDims(dy, 1));
  const both = tf.add<Tensor2D>(share, tf.transpose(share));
  return tf.mul(tf.matMul(both, z), 1 / temperature);
}
