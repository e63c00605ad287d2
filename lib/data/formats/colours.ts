/**
 * Colours of pictures as channels of a volume.
 *
 * @module
 */
import type { Voxels } from "../volumes/volume.ts";
import { axisLast } from "./axis_last.ts";
import type { Found } from "./grid.ts";

/** Options of {@linkcode coloursOf}. */
export interface ColoursOptions {
  /** Values of a pixel, opacity among them. */
  channels: number;
  /** Whether the last of them is opacity. */
  alpha: boolean;
  /** (x, y, z). */
  shape: readonly number[];
}

/**
 * Pixels as a volume (x, y, z, colours), or (x, y, z) where there is one colour, or red, green and
 * blue are equal everywhere: a grey picture. Opacity is left out, with a warning where it varies.
 *
 * @param pixels The values of a pixel beside each other, x fastest.
 */
export function coloursOf(pixels: Voxels, { channels, alpha, shape }: ColoursOptions): Found {
  const planes = axisLast(pixels, [channels, ...shape], 0);
  const size = pixels.length / channels;
  const plane = (index: number) => planes.subarray(index * size, (index + 1) * size);
  const varies = alpha && plane(channels - 1).some((value, _, { 0: first }) => value !== first);
  const colours = channels - (alpha ? 1 : 0);
  const grey = colours === 3 && equal(plane(0), plane(1)) && equal(plane(0), plane(2));
  const kept = grey ? 1 : colours;
  return {
    voxels: kept === channels ? planes : planes.slice(0, kept * size),
    shape: kept === 1 ? shape : [...shape, kept],
    warnings: varies ? [TRANSPARENT] : [],
  };
}

/** What is said where opacity is left out. */
export const TRANSPARENT = "The picture is transparent in places; its opacity is left out.";

/** What is said where a palette is left out. */
export const PALETTE = "The picture has a palette; its indices are read, not its colours.";

/** Whether a palette gives every index its own shade of grey, so that indices are values. */
export function isRamp(
  red: ArrayLike<number>,
  green: ArrayLike<number>,
  blue: ArrayLike<number>,
): boolean {
  return Array.from(red).every((value, i) =>
    value === green[i] && value === blue[i] && value === i
  );
}

/**
 * Values of fewer than 8 bits, several in a byte, the first in its highest bits; rows begin with a
 * byte of their own.
 */
export function unpacked(
  bytes: Uint8Array,
  { width, height, bits }: { width: number; height: number; bits: number },
): Uint8Array {
  const rowBytes = Math.ceil(width * bits / 8);
  const values = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const bit = x * bits;
      const byte = bytes[y * rowBytes + (bit >> 3)];
      values[at] = byte >> 8 - bits - (bit & 7) & (1 << bits) - 1;
    }
  }
  return values;
}

function equal(a: Voxels, b: Voxels): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
