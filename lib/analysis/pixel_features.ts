/**
 * A network's features of a sample of pixels, the same pixels each time. The network runs in
 * evaluation mode and sees one slice at a time: nothing of it changes, and little memory is taken.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawViews } from "../augmentations/views.ts";
import type { Network } from "../backbones/weights.ts";
import type { ViewSettings } from "../config/config.ts";
import { IGNORED } from "../data/masks/labels.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { samplePixels } from "../losses/sample_pixels.ts";
import { gatherRows } from "../ops/gather_rows.ts";
import { gridSample } from "../ops/grid_sample.ts";
import type { Tensor, Tensor2D, Tensor4D } from "../ops/tensors.ts";
import { random } from "../math/random.ts";

/** Pixels drawn from all slices together. */
const PIXELS = 2000;

/** Features of the same pixels in two views. */
export interface MatchedFeatures {
  /** Of t(x), warped by φ: [pixels, D]. */
  u: Tensor2D;
  /** Of φ(t'(x)): [pixels, D]. */
  v: Tensor2D;
}

/**
 * Features of up to 2000 pixels in two views of each slice, matched as in pretraining; all inside
 * the field of view. No seed has a part in the views: runs are measured on the same ones.
 */
export function matchedFeatures(
  network: Network,
  slices: SliceStack,
  views: ViewSettings,
): MatchedFeatures {
  return tf.tidy(() => {
    const parts = eachSlice(slices, (x, i) => {
      const source = random("matched features", i);
      const { first, second, grid, inside } = drawViews(x, views, source);
      const { indices, mask } = samplePixels(pixelsPerSlice(slices), inside, source);
      const drawn = indices.filter((_, n) => mask[n]);
      const warped = gridSample(network.forward(first, { training: false }), grid);
      return [
        featuresAt(warped, drawn),
        featuresAt(network.forward(second, { training: false }), drawn),
      ];
    });
    return { u: tf.concat(parts.map(([u]) => u)), v: tf.concat(parts.map(([, v]) => v)) };
  });
}

/** Features of pixels with their labels. */
export interface LabelledFeatures {
  /** [pixels, D]. */
  features: Tensor2D;
  /** The class of each pixel. */
  labels: Uint8Array;
}

/**
 * Features and labels of up to 2000 pixels of labelled slices, none of which is one that nobody
 * labelled.
 *
 * @throws {TypeError} if the slices have no labels.
 * @throws {RangeError} if no pixel is labelled.
 */
export function labelledFeatures(network: Network, slices: SliceStack): LabelledFeatures {
  const { count, size, labels: all } = slices;
  if (!all) throw new TypeError("expected labelled slices, found slices without labels");
  const pixels = size * size;
  const n = Math.min(pixels, pixelsPerSlice(slices));
  const drawn = Array.from({ length: count }, (_, i) => {
    const known = knownPixels(all.subarray(i * pixels, (i + 1) * pixels));
    const { indices, mask } = samplePixels(n, known, random("labelled features", i));
    return indices.filter((_, drawn) => mask[drawn]);
  });
  if (drawn.every(({ length }) => length === 0)) {
    throw new RangeError(`expected labelled pixels in ${count} slices, found none`);
  }
  const features = tf.tidy(() =>
    tf.concat(
      eachSlice(slices, (x, i) =>
        drawn[i].length === 0
          ? []
          : [featuresAt(network.forward(x, { training: false }), drawn[i])]).flat(),
    )
  );
  const labels = drawn.flatMap((indices, i) => [...indices].map((n) => all[i * pixels + n]));
  return { features, labels: Uint8Array.from(labels) };
}

/** 1 where a pixel is labelled. */
function knownPixels(labels: Uint8Array): Uint8Array {
  return labels.map((label) => label === IGNORED ? 0 : 1);
}

function pixelsPerSlice({ count }: SliceStack): number {
  return Math.ceil(PIXELS / count);
}

/** What `compute` makes of every slice [1, size, size, channels]; all else is freed slice by slice. */
function eachSlice<T extends Tensor>(
  { count, size, channels, images }: SliceStack,
  compute: (x: Tensor4D, position: number) => T[],
): T[][] {
  const length = size * size * channels;
  return Array.from({ length: count }, (_, i) =>
    tf.tidy(() => {
      const slice = images.subarray(i * length, (i + 1) * length);
      return compute(tf.tensor4d(slice, [1, size, size, channels]), i);
    }));
}

/** Features of the pixels at some positions of one slice. */
function featuresAt(z: Tensor4D, positions: Int32Array): Tensor2D {
  const rows: Tensor2D = tf.reshape(z, [-1, z.shape[3]]);
  return gatherRows(rows, tf.tensor1d(positions, "int32"));
}
