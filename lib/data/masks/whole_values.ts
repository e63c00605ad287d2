/**
 * Whole values of voxels: what tells a label map from an image.
 *
 * @module
 */
import { ROUNDING } from "./labels.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";

/** Fewer values are a label map's wherever they lie. */
const FEW = 16;

/** More values are an image's: an atlas of the whole brain has about 200. */
const MANY = 256;

/**
 * How many voxels have each value, values rounded, NaN as 0; undefined where one is not whole within
 * 1e-3, or there are more than `most` values.
 */
export function countWhole(voxels: Voxels, most: number): Map<number, number> | undefined {
  const counts = new Map<number, number>();
  // A label map is made of runs of equal voxels: each run is counted at once.
  for (let start = 0; start < voxels.length;) {
    const value = Number.isNaN(voxels[start]) ? 0 : voxels[start];
    let end = start + 1;
    while (end < voxels.length && voxels[end] === value) end++;
    const whole = Math.round(value);
    if (!(Math.abs(value - whole) <= ROUNDING)) return undefined;
    counts.set(whole, (counts.get(whole) ?? 0) + end - start);
    if (counts.size > most) return undefined;
    start = end;
  }
  return counts;
}

/** Whether voxels are those of a label map. */
export function looksLikeLabels({ voxels }: Pick<Volume, "voxels">): boolean {
  const counts = countWhole(voxels, MANY);
  if (!counts) return false;
  return counts.size <= FEW || sameNeighbours(voxels) > 0.5;
}

/** How many of the pairs of neighbours along x, of which one is no background, are of one value. */
function sameNeighbours(voxels: Voxels): number {
  let [pairs, same] = [0, 0];
  for (let i = 1; i < voxels.length; i++) {
    if (voxels[i] === 0 && voxels[i - 1] === 0) continue;
    pairs++;
    if (voxels[i] === voxels[i - 1]) same++;
  }
  return same / Math.max(pairs, 1);
}
