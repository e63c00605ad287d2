/**
 * Many volumes as one stack of slices to train on.
 *
 * @module
 */
import type { PreparedVolume } from "./preprocess.ts";

/** Slices of one size, one after another. */
export interface SliceStack {
  /** Number of slices. */
  count: number;
  /** Pixels per side. */
  size: number;
  /** Intensities in [0, 1]: [count, size, size]. */
  images: Float32Array;
  /** Labels, where every volume has them: [count, size, size]. */
  labels?: Uint8Array;
}

/**
 * Stacks the slices of prepared volumes, in order.
 *
 * @throws {RangeError} if there is no volume.
 */
export function stackSlices(volumes: readonly PreparedVolume[]): SliceStack {
  if (volumes.length === 0) {
    throw new RangeError("stackSlices: expected one volume or more, found none");
  }
  const { size } = volumes[0].grid;
  const count = volumes.reduce((sum, { depth }) => sum + depth, 0);
  const images = new Float32Array(count * size * size);
  const labels = volumes.every(({ labels }) => labels) ? new Uint8Array(images.length) : undefined;
  let at = 0;
  for (const volume of volumes) {
    images.set(volume.images, at);
    labels?.set(volume.labels!, at);
    at += volume.images.length;
  }
  return { count, size, images, labels };
}

/** The slices at some positions, in the order of the positions. */
export function takeSlices(stack: SliceStack, positions: readonly number[]): SliceStack {
  const { size, images, labels } = stack;
  const pixels = size * size;
  const take = <T extends Float32Array | Uint8Array>(from: T, to: T): T => {
    positions.forEach((p, i) => to.set(from.subarray(p * pixels, (p + 1) * pixels), i * pixels));
    return to;
  };
  return {
    count: positions.length,
    size,
    images: take(images, new Float32Array(positions.length * pixels)),
    labels: labels && take(labels, new Uint8Array(positions.length * pixels)),
  };
}

/**
 * The middle slice of each prepared volume, in their order.
 *
 * @throws {RangeError} if there is no volume.
 */
export function middleSlices(volumes: readonly PreparedVolume[]): SliceStack {
  const ends = volumes.map((_, i) =>
    volumes.slice(0, i + 1).reduce((sum, { depth }) => sum + depth, 0)
  );
  const middles = volumes.map(({ depth }, i) => ends[i] - Math.ceil(depth / 2));
  return takeSlices(stackSlices(volumes), middles);
}
