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
  return restoreMask(await segmentSlices(model, prepared), prepared);
}

/** The most probable class of every pixel of the slices themselves: [depth, size, size]. */
export async function labelsOfSlices(
  model: Network,
  prepared: PreparedVolume,
): Promise<Uint8Array> {
  const probabilities = await segmentSlices(model, prepared);
  const classes = probabilities.length / prepared.images.length;
  return Uint8Array.from(prepared.images, (_, pixel) => {
    const ofPixel = probabilities.subarray(pixel * classes, (pixel + 1) * classes);
    return ofPixel.indexOf(Math.max(...ofPixel));
  });
}

/** Class probabilities of every slice: [depth, size, size, classes]. */
async function segmentSlices(
  model: Network,
  { images, depth, grid: { size } }: PreparedVolume,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (let first = 0; first < depth; first += BATCH) {
    const end = Math.min(depth, first + BATCH);
    const probabilities = tf.tidy(() => {
      const slices = images.subarray(first * size * size, end * size * size);
      const x = tf.tensor4d(slices, [end - first, size, size, 1]);
      return tf.softmax(model.forward(x, { training: false }));
    });
    parts.push(await probabilities.data() as Float32Array);
    probabilities.dispose();
  }
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
