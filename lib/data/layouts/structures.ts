/**
 * What masks outline: structures from a list of labels, or from the masks themselves.
 *
 * @module
 */
import type { Structure } from "../dataset.ts";
import { labelsOf } from "../labels.ts";
import { readNifti } from "../nifti_read.ts";

/**
 * The structures among labels that count the background, 0, too.
 *
 * @param source Where the labels come from, for the message.
 * @throws {RangeError} If the labels are not 0…n without gaps.
 */
export function structuresOf(labels: readonly Structure[], source: string): Structure[] {
  const sorted = labels.toSorted((a, b) => a.label - b.label);
  if (sorted.some(({ label }, i) => label !== i)) {
    throw new RangeError(
      `${source}: expected labels 0, 1, … without gaps, found ` +
        `${sorted.map(({ label }) => label).join(", ")}; renumber them`,
    );
  }
  return sorted.slice(1);
}

/**
 * One structure, "label N", for each label that occurs in any of the masks, which are read.
 *
 * @param source The masks' folder, for the message.
 * @throws {RangeError} If the labels are not whole, or not 1…n without gaps.
 */
export async function structuresInMasks(
  paths: readonly string[],
  source: string,
): Promise<Structure[]> {
  const seen = new Set([0]);
  for (const path of paths) {
    const { voxels } = await readNifti(path);
    for (const label of labelsOf(voxels, path)) seen.add(label);
  }
  return structuresOf([...seen].map((label) => ({ label, name: `label ${label}` })), source);
}
