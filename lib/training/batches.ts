/**
 * Which slices each step trains on.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { IGNORED } from "../data/masks/labels.ts";
import { readSlices, type SliceSource } from "../data/slices/slice_source.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { random } from "../math/random.ts";

/** How slices are drawn. */
export interface BatchOptions {
  /** Slices per step. */
  batch: number;
  /** Seed of the order. */
  seed: number;
}

/**
 * Positions of the slices of a step, counted from 1. Epoch after epoch all slices pass in a new
 * random order, as one stream that is cut into batches: none is left out, and a batch may be larger
 * than the data.
 */
export function batchPositions(
  step: number,
  count: number,
  { batch, seed }: BatchOptions,
): number[] {
  return Array.from({ length: batch }, (_, i) => {
    const position = (step - 1) * batch + i;
    return epochOrder(Math.floor(position / count), count, seed)[position % count];
  });
}

/** Orders of epochs that are kept: of a step's last and its next one, for two sets of slices. */
const MOST_ORDERS = 4;

const orders = new Map<string, readonly number[]>();

/** An epoch's random order. The steps of an epoch share it: of 40,000 slices it takes 5 ms. */
function epochOrder(epoch: number, count: number, seed: number): readonly number[] {
  const key = `${epoch} ${count} ${seed}`;
  const order = orders.get(key) ?? random(seed, "order", epoch).shuffle(Array(count).keys());
  if (!orders.has(key) && orders.size === MOST_ORDERS) orders.delete(orders.keys().next().value!);
  orders.set(key, order);
  return order;
}

/** Slices as a tensor [count, size, size, channels]. */
export function imageTensor({ images, count, size, channels }: SliceStack): tf.Tensor4D {
  return tf.tensor4d(images, [count, size, size, channels]);
}

/** Labels as one-hot tensor [count, size, size, classes]; all 0 where nobody labelled a pixel. */
export function labelTensor({ labels, count, size }: SliceStack, classes: number): tf.Tensor4D {
  if (!labels) throw new TypeError("expected labelled slices, found slices without labels");
  return tf.tidy(() => {
    const indices = tf.tensor3d(Int32Array.from(labels), [count, size, size], "int32");
    return tf.oneHot(indices, classes, 1, 0, "float32") as tf.Tensor4D;
  });
}

/** 1 where somebody labelled a pixel, else 0, [count, size, size, 1]; nothing where all are labelled. */
export function knownTensor({ labels, count, size }: SliceStack): tf.Tensor4D | undefined {
  if (!labels?.includes(IGNORED)) return undefined;
  const known = Float32Array.from(labels, (label) => label === IGNORED ? 0 : 1);
  return tf.tensor4d(known, [count, size, size, 1]);
}

/** The slices of one step. */
export function drawBatch(source: SliceSource, step: number, options: BatchOptions): SliceStack {
  return readSlices(source, batchPositions(step, source.count, options));
}

/** Names that a message lists at most. */
const MOST_NAMES = 8;

/** The slices of one step in words, by `nameOf` or else by their positions. */
export function drawnNames(
  step: number,
  count: number,
  { nameOf = (position) => `slice ${position}`, ...options }: BatchOptions & {
    nameOf?: (position: number) => string;
  },
): string {
  const names = batchPositions(step, count, options).map(nameOf);
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
