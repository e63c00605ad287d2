/**
 * What masks outline: structures from a list of labels, or from the masks themselves.
 *
 * @module
 */
import type { Structure } from "./dataset.ts";
import { labelsOf } from "./labels.ts";
import { readNifti } from "./nifti_read.ts";
import { excerpt } from "./printable.ts";

/** Labels are kept as bytes. */
const HIGHEST_LABEL = 255;

/** Metrics have an entry of this name beside those of the structures. */
const AVERAGE = "mean";

/**
 * The structures among labels that count the background, 0, too.
 *
 * @param source Where the labels come from, for the message.
 * @throws {RangeError} If the labels are not 0…n without gaps, n at most 255, or two structures have
 * one name.
 */
export function structuresOf(labels: readonly Structure[], source: string): Structure[] {
  const sorted = labels.toSorted((a, b) => a.label - b.label);
  if (sorted.some(({ label }, i) => label !== i)) {
    throw new RangeError(
      `${source}: expected labels 0, 1, … without gaps, found ` +
        `${excerpt(sorted.map(({ label }) => label).join(", "))}; renumber them`,
    );
  }
  if (sorted.length > HIGHEST_LABEL + 1) {
    throw new RangeError(
      `${source}: expected labels up to ${HIGHEST_LABEL}, found ${sorted.length - 1}`,
    );
  }
  const structures = sorted.slice(1);
  const taken = new Set([AVERAGE]);
  for (const { name } of structures) {
    if (taken.has(name)) {
      throw new RangeError(
        `${source}: expected structures of different names other than "${AVERAGE}", found ` +
          `"${excerpt(name)}"; rename it`,
      );
    }
    taken.add(name);
  }
  return structures;
}

/**
 * One structure, "label N", for each label that occurs in any of the masks, which are read.
 *
 * @param options The masks' folder, for the message, and the dataset's, in which they must lie.
 * @throws {RangeError} If the labels are not whole, or not 1…n without gaps.
 */
export async function structuresInMasks(
  paths: readonly string[],
  { source, within }: { source: string; within: string },
): Promise<Structure[]> {
  const seen = new Set([0]);
  for (const path of paths) {
    const { voxels } = await readNifti(path, { within });
    for (const label of labelsOf(voxels, path)) seen.add(label);
  }
  return structuresOf([...seen].map((label) => ({ label, name: `label ${label}` })), source);
}
