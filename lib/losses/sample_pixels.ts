/**
 * Which pixels a contrastive step compares.
 *
 * @module
 */
import type { Random } from "../math/random.ts";

/** A sample of pixel positions, of the same length at every step. */
export interface PixelSample {
  /** [n], positions over the whole batch, in random order. */
  indices: Int32Array;
  /** [n], 1 for drawn positions, 0 for the fillers at the end: the mask of `infoNce`. */
  mask: Float32Array;
}

/**
 * Draws n distinct positions. Where there are fewer to draw from, all of them are drawn and the
 * rest is filled with position 0, masked: a step keeps its shapes and no pixel is compared with
 * itself.
 *
 * @param n how many positions.
 * @param candidates the number of positions, all of which may be drawn, or one entry per position,
 * 1 where it may be drawn.
 */
export function samplePixels(
  n: number,
  candidates: number | Uint8Array,
  random: Random,
): PixelSample {
  const positions = typeof candidates === "number"
    ? Int32Array.from({ length: candidates }, (_, i) => i)
    : positionsOf(candidates);
  const indices = new Int32Array(n);
  const mask = new Float32Array(n);
  const drawn = Math.min(n, positions.length);
  // The first steps of a Fisher–Yates shuffle.
  for (let i = 0; i < drawn; i++) {
    const j = i + random.integer(positions.length - i);
    indices[i] = positions[j];
    positions[j] = positions[i];
    mask[i] = 1;
  }
  return { indices, mask };
}

/** Where the entries are not 0. */
function positionsOf(candidates: Uint8Array): Int32Array {
  const positions = new Int32Array(candidates.length);
  let count = 0;
  candidates.forEach((valid, position) => {
    if (valid) positions[count++] = position;
  });
  return positions.subarray(0, count);
}
