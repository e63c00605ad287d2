/**
 * Many volumes as one stack of slices to train on.
 *
 * @module
 */
import type { PreparedVolume } from "./preprocess.ts";
import { type SeenScans, seenScans } from "./seen_scans.ts";

/** Slices of one size, one after another. */
export interface SliceStack {
  /** Number of slices. */
  count: number;
  /** Pixels per side. */
  size: number;
  /** Number of channels. */
  channels: number;
  /** Intensities in [0, 1]: [count, size, size, channels]. */
  images: Float32Array;
  /** Labels, where every volume has them: [count, size, size]. */
  labels?: Uint8Array;
  /** What the scans were like that they are of, where that is known. */
  seen?: SeenScans;
}

/**
 * Stacks the slices of prepared volumes, in order.
 *
 * @throws {RangeError} if there is no volume, or some have other channels.
 */
export function stackSlices(volumes: readonly PreparedVolume[]): SliceStack {
  if (volumes.length === 0) {
    throw new RangeError("stackSlices: expected one volume or more, found none");
  }
  const { grid: { size }, channels } = volumes[0];
  const count = volumes.reduce((sum, { depth }) => sum + depth, 0);
  const pixels = count * size * size;
  const images = new Float32Array(pixels * channels);
  const labels = volumes.every(({ labels }) => labels) ? new Uint8Array(pixels) : undefined;
  let at = 0;
  for (const volume of volumes) {
    expectChannels(volume, channels);
    images.set(volume.images, at * channels);
    labels?.set(volume.labels!, at);
    at += volume.images.length / channels;
  }
  const seen = seenScans(volumes.map(({ facts }) => facts));
  return { count, size, channels, images, labels, seen };
}

/**
 * Makes sure that slices have as many channels as those before them.
 *
 * @throws {RangeError} if they have not.
 */
export function expectChannels(found: Pick<SliceStack, "channels">, expected: number): void {
  if (found.channels === expected) return;
  throw new RangeError(
    `slices: expected scans of one number of channels, found ${expected} and ${found.channels}; ` +
      "leave out the scans that differ",
  );
}

/** The slices at some positions, in the order of the positions. */
export function takeSlices(stack: SliceStack, positions: readonly number[]): SliceStack {
  const { size, channels, images, labels, seen } = stack;
  const pixels = size * size;
  const take = <T extends Float32Array | Uint8Array>(from: T, to: T): T => {
    const each = to.length / positions.length;
    positions.forEach((p, i) => to.set(from.subarray(p * each, (p + 1) * each), i * each));
    return to;
  };
  return {
    count: positions.length,
    size,
    channels,
    images: take(images, new Float32Array(positions.length * pixels * channels)),
    labels: labels && take(labels, new Uint8Array(positions.length * pixels)),
    seen,
  };
}

/** One channel of slices, to be shown: the first unless another is asked for, from 0. */
export function takeChannel(slices: SliceStack, channel = 0): SliceStack {
  const { channels, images } = slices;
  const length = images.length / channels;
  const taken = Float32Array.from({ length }, (_, pixel) => images[pixel * channels + channel]);
  return { ...slices, channels: 1, images: taken };
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
