/**
 * Masks as whole numbers.
 *
 * @module
 */
import type { Voxels } from "./volume.ts";

/** The label, in memory, of voxels that nobody labelled: they count in no loss and no metric. */
export const IGNORED = 255;

/** Labels, or a prediction of them, with background where nobody labelled the reference. */
export function withoutIgnored(labels: Uint8Array, reference = labels): Uint8Array {
  return labels.map((label, i) => reference[i] === IGNORED ? 0 : label);
}

/**
 * The labels that occur in a mask's voxels, ascending.
 *
 * @param source The mask's path, for messages.
 * @param highest The highest label that may occur; 255 by default.
 * @throws {RangeError} If a voxel is not a whole number from 0 to `highest`.
 */
export function labelsOf(voxels: Voxels, source: string, highest = 255): number[] {
  const seen = new Uint8Array(highest + 1);
  for (const value of voxels) {
    if (!(value >= 0 && value <= highest && Number.isInteger(value))) {
      throw new RangeError(
        `${source}: expected labels that are whole numbers from 0 to ${highest}, found ${value}`,
      );
    }
    seen[value] = 1;
  }
  return [...seen.keys()].filter((label) => seen[label]);
}
