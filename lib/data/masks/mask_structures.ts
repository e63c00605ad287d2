/**
 * What masks outline: structures and regions by what a list names, or by the masks themselves.
 *
 * @module
 */
import type { Dataset, Structure } from "../datasets/dataset.ts";
import { countWhole } from "./whole_values.ts";
import { readVolume } from "../volumes/read_volume.ts";
import { excerpt } from "../../io/text/printable.ts";

/** Labels are kept as bytes, of which 255 stands for voxels that nobody labelled. */
const MOST_STRUCTURES = 254;

/** Metrics have an entry of this name beside those of the structures. */
const AVERAGE = "mean";

/** A value that one of so many masks alone holds, in no more voxels, is a slip of the pen. */
const STRAY = { masks: 3, voxels: 10, share: 1e-3 };

/** A name and the values in mask files that it stands for; 0 alone is the background. */
export interface NamedValues {
  /** For instance "liver". */
  name: string;
  /** One value, or several. */
  values: readonly number[];
}

/**
 * Structures, numbered anew in order of their values, and, where names share values, regions. The parts
 * that regions cut each other into are the structures: with `whole` of 1 and 2 and `core` of 2, "whole
 * alone" is 1 and "core" is 2.
 *
 * @param source Where the names come from, for messages.
 * @throws {RangeError} If a value is not whole, the background is part of a region, two names stand for
 * the same values or are the same, or there are more than 254 structures.
 */
export function structuresOf(
  named: readonly NamedValues[],
  source: string,
): Pick<Dataset, "structures" | "regions"> {
  const regions = named.map(({ name, values }) => ({ name, values: new Set(values) }))
    .filter(({ values }) => !(values.size === 1 && values.has(0)));
  expectDifferent(regions, source);
  expectSound(regions, source);
  const members = (value: number) => regions.filter(({ values }) => values.has(value));
  const values = [...new Set(regions.flatMap(({ values }) => [...values]))].sort((a, b) => a - b);
  const parts = Map.groupBy(values, (value) => members(value).map(({ name }) => name).join("\n"));
  if (parts.size > MOST_STRUCTURES) {
    throw new RangeError(
      `${source}: expected at most ${MOST_STRUCTURES} structures, found ${parts.size}`,
    );
  }
  const structures = [...parts.values()].map((values, i): Structure => ({
    label: i + 1,
    name: nameOfPart(values, members(values[0])),
    ...(values.join() !== `${i + 1}` && { values }),
  }));
  expectDifferent(structures, source);
  if (regions.length === parts.size && regions.every(({ values }) => isPart(values, parts))) {
    return { structures };
  }
  const labelsOf = (values: ReadonlySet<number>) =>
    structures.filter(({ label, values: [value] = [label] }) => values.has(value))
      .map(({ label }) => label);
  return {
    structures,
    regions: regions.map(({ name, values }) => ({ name, labels: labelsOf(values) })),
  };
}

/** The part that is a region has its name; the others are named after the regions that they are in. */
function nameOfPart(
  values: readonly number[],
  regions: readonly { name: string; values: ReadonlySet<number> }[],
): string {
  const same = regions.find((region) => region.values.size === values.length);
  if (same) return same.name;
  return regions.length === 1
    ? `${regions[0].name} alone`
    : `${regions.map(({ name }) => name).join(" and ")} alone`;
}

function isPart(values: ReadonlySet<number>, parts: ReadonlyMap<string, number[]>): boolean {
  return parts.values().some((part) => part.length === values.size && values.has(part[0]));
}

function expectSound(
  regions: readonly { name: string; values: ReadonlySet<number> }[],
  source: string,
): void {
  const seen = new Map<string, string>();
  for (const { name, values } of regions) {
    const odd = [...values].find((value) => !Number.isSafeInteger(value) || value === 0);
    if (odd !== undefined || values.size === 0) {
      throw new RangeError(
        `${source}: expected whole values other than the background's, 0, for "${
          excerpt(name)
        }", ` +
          `found ${odd ?? "none"}`,
      );
    }
    const key = [...values].sort((a, b) => a - b).join(", ");
    const twin = seen.get(key);
    if (twin !== undefined) {
      throw new RangeError(
        `${source}: expected one name for ${excerpt(key)}, found "${excerpt(twin)}" and ` +
          `"${excerpt(name)}"`,
      );
    }
    seen.set(key, name);
  }
}

function expectDifferent(named: readonly { name: string }[], source: string): void {
  const taken = new Set([AVERAGE]);
  for (const { name } of named) {
    if (taken.has(name)) {
      throw new RangeError(
        `${source}: expected structures of different names other than "${AVERAGE}", found ` +
          `"${excerpt(name)}"; rename it`,
      );
    }
    taken.add(name);
  }
}

/** Whether masks may be opened. */
export interface MaskAccess {
  /** Whether they are read for the structures that no list names; they are by default. */
  readMasks?: boolean;
}

/**
 * One structure, "label V", for each value V above 0 that occurs in any of the masks, which are read.
 * What is wrong with a single mask does not hide the others, and is told when its scan is read: a file
 * that is missing, damaged, or no label map, does not count, nor does a stray value.
 *
 * @param options The masks' folder, for the message, and the dataset's, in which they must lie; and
 * whether the masks may be read: if not, there is no structure.
 * @throws {RangeError} If there are more than 254 structures.
 * @throws {Error} If a mask may not be read: then nothing is known of what it outlines.
 */
export async function structuresInMasks(
  paths: readonly string[],
  { source, within, readMasks = true }: { source: string; within: string } & MaskAccess,
): Promise<Structure[]> {
  if (!readMasks) return [];
  const masks: ReadonlyMap<number, number>[] = [];
  for (const path of paths) {
    const counts = await readVolume(path, { within })
      .then(({ voxels }) => countWhole(voxels, MOST_STRUCTURES + 1), ifWrongItself);
    if (counts) masks.push(counts);
  }
  const values = new Set(masks.flatMap((counts) => [...counts.keys()]));
  const named = [...values].filter((value) => value > 0 && !isStray(value, masks))
    .map((value) => ({ name: `label ${value}`, values: [value] }));
  return structuresOf(named, source).structures;
}

/** Nothing of a mask that is wrong itself; what else keeps it from being read is thrown. */
function ifWrongItself(error: Error & { code?: string }): undefined {
  const isWrong = [SyntaxError, TypeError, RangeError].some((kind) => error instanceof kind) ||
    ["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code ?? "");
  if (!isWrong) throw error;
}

function isStray(value: number, masks: readonly ReadonlyMap<number, number>[]): boolean {
  const [counts, ...others] = masks.filter((counts) => counts.has(value));
  if (others.length > 0 || masks.length < STRAY.masks) return false;
  const voxels = counts.values().reduce((sum, count) => sum + count);
  const count = counts.get(value)!;
  return count < STRAY.voxels && count < STRAY.share * voxels;
}
