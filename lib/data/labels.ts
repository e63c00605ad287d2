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
 * A mask's labels as the classes of a one-hot map, and back: what nobody labelled is the class after
 * the last structure's, so that a map has as few classes as it can.
 */
export function maskClasses(mask: Uint8Array = new Uint8Array()): {
  classes: number;
  classOf: (label: number) => number;
  labelOf: (found: number) => number;
} {
  const highest = mask.reduce((most, one) => one !== IGNORED && one > most ? one : most, 0);
  const same = (value: number) => value;
  if (!mask.includes(IGNORED)) return { classes: highest + 1, classOf: same, labelOf: same };
  const ignored = highest + 1;
  return {
    classes: ignored + 1,
    classOf: (label) => Math.min(label, ignored),
    labelOf: (found) => found === ignored ? IGNORED : found,
  };
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
