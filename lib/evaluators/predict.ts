/**
 * Segmenting a volume: slice by slice, then back onto its own grid.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import { type PreparedVolume, restoreMask } from "../data/preprocess.ts";

/** Slices that pass the network together. */
const BATCH = 16;

/**
 * Segments a prepared volume.
 *
 * @param model From slices [batch, size, size, 1] to class logits.
 * @returns Labels in file order (x fastest) on the scan's own grid.
 */
export async function segmentVolume(
  model: Network,
  prepared: PreparedVolume,
): Promise<Uint8Array> {
  const probabilities = await runOnSlices(model, prepared, (logits) => tf.softmax(logits));
  return restoreMask(probabilities, prepared);
}

/** The most probable class of every pixel of the slices themselves: [depth, size, size]. */
export async function labelsOfSlices(
  model: Network,
  prepared: PreparedVolume,
): Promise<Uint8Array> {
  return Uint8Array.from(await runOnSlices(model, prepared, (logits) => tf.argMax(logits, 3)));
}

/** What `read` makes of the logits of every slice, [depth, size, size, classes]. */
async function runOnSlices(
  model: Network,
  { images, depth, grid: { size } }: PreparedVolume,
  read: (logits: tf.Tensor4D) => tf.Tensor,
): Promise<Float32Array> {
  const parts: ArrayLike<number>[] = [];
  for (let first = 0; first < depth; first += BATCH) {
    const end = Math.min(depth, first + BATCH);
    const output = tf.tidy(() => {
      const slices = images.subarray(first * size * size, end * size * size);
      const x = tf.tensor4d(slices, [end - first, size, size, 1]);
      return read(model.forward(x, { training: false }));
    });
    parts.push(await output.data());
    output.dispose();
  }
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
