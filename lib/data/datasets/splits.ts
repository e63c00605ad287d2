/**
 * Splits of a dataset by patient, never by slice: fixed test patients, and seeded few-shot subsets
 * of which each holds the smaller ones.
 *
 * @module
 */
import * as v from "valibot";
import { random } from "../../math/random.ts";
import type { Dataset, Patient } from "./dataset.ts";
import { readTextIfAny } from "../../io/folders.ts";
import { parseJson } from "../../io/text/parse_json.ts";
import { excerpt } from "../../io/text/printable.ts";
import { writeJson } from "../../io/write_json.ts";

/** Who is tested on, who may be trained on, and which few patients the labels come from. */
export interface Split {
  /** Name and version of this format. */
  schema: "pix2rep.split/1";
  /** The dataset's name. */
  dataset: string;
  /** What the subsets were drawn with. */
  seed: number;
  /** Ids of the test patients; the same for every seed. */
  test: string[];
  /** Ids of all training patients, with and without masks: what pretraining may see. */
  pool: string[];
  /**
   * Ids of labelled patients whom a training may be watched on: neither trained nor tested on. Absent
   * where there are none.
   */
  validation?: string[];
  /** Labelled patients, by how many: "1" is part of "2", "2" of "5", and so on. */
  subsets: Record<string, string[]>;
}

/** Options of {@linkcode splitPatients}. */
export interface SplitOptions {
  /** What the subsets are drawn with; 0 by default. */
  seed?: number;
  /** Share of labelled patients to test on where the dataset has no test part, or 0; 0.2 by default. */
  testFraction?: number;
  /** Sizes of the subsets; by default those of 1, 2, 5, 10, 20, 50 and 100 that can be filled. */
  sizes?: readonly number[];
  /** Ids of labelled patients to draw after all others: those in whose masks nothing is outlined. */
  last?: readonly string[];
}

const DEFAULT_SIZES = [1, 2, 5, 10, 20, 50, 100];

const SplitJson = v.object({
  schema: v.literal("pix2rep.split/1"),
  dataset: v.string(),
  seed: v.pipe(v.number(), v.safeInteger()),
  test: v.array(v.string()),
  pool: v.array(v.string()),
  validation: v.optional(v.array(v.string())),
  subsets: v.record(v.string(), v.array(v.string())),
});

/**
 * Splits a dataset. Tested on are the labelled patients of its part "testing"; where it has none,
 * the last `testFraction` of each group (of ACDC's training patients: the last four per group, the
 * "80/20" manifest); without groups, a fixed random `testFraction`. Subsets are balanced over the
 * groups: none has two patients more than another that is not exhausted.
 *
 * Nobody is tested on where `testFraction` is 0, or a single patient is labelled. The labelled patients
 * of a part "validation" are those of the split.
 *
 * @throws {RangeError} If `testFraction` or a size is impossible.
 */
export function splitPatients(
  dataset: Dataset,
  { seed = 0, testFraction = 0.2, sizes, last = [] }: SplitOptions = {},
): Split {
  if (!(testFraction >= 0 && testFraction < 1)) {
    throw new RangeError(`expected a testFraction from 0 to below 1, found ${testFraction}`);
  }
  const training = dataset.patients.filter(({ part }) => part === "training");
  const official = dataset.patients.filter((one) => one.part === "testing" && isLabelled(one));
  const tested = official.length > 0 ? official : testPatients(training, testFraction);
  const test = ids(tested).sort();
  const pool = training.filter(({ id }) => !test.includes(id));
  const drawn = ids(balancedOrder(pool.filter(isLabelled), seed));
  const [later, first] = [true, false].map((late) =>
    drawn.filter((id) => last.includes(id) === late)
  );
  const order = [...first, ...later];
  const watched = dataset.patients.filter((one) => one.part === "validation" && isLabelled(one));
  const fill = sizes ?? DEFAULT_SIZES.filter((size) => size <= order.length);
  expectSizes(fill, order.length, dataset);
  return {
    schema: "pix2rep.split/1",
    dataset: dataset.name,
    seed,
    test,
    pool: ids(pool),
    ...(watched.length > 0 && { validation: ids(watched).sort() }),
    subsets: Object.fromEntries(fill.map((size) => [size, order.slice(0, size)])),
  };
}

/** Makes sure that there are enough labelled patients to train on. */
function expectSizes(sizes: readonly number[], most: number, { name }: Dataset): void {
  const impossible = sizes.find((size) => !(Number.isInteger(size) && size >= 1 && size <= most));
  if (impossible === undefined) return;
  throw new RangeError(
    most === 0
      ? `${name}: expected a patient with masks to train on, found none: outline one`
      : `${name}: expected a number of labelled patients from 1 to ${most}, which are left for ` +
        `training, found ${impossible}`,
  );
}

/** The split in which every labelled patient of no test part is trained on, as the one subset. */
export function splitAll(
  dataset: Dataset,
  options: Pick<SplitOptions, "seed" | "last"> = {},
): Split {
  const labelled = dataset.patients.filter((one) => one.part === "training" && isLabelled(one));
  return splitPatients(dataset, { ...options, testFraction: 0, sizes: [labelled.length] });
}

/** A split in which all labelled patients of its pool are trained on, as a further subset. */
export function withAllLabelled(split: Split, { name, patients }: Dataset): Split {
  const pool = new Set(split.pool);
  const labelled = ids(patients.filter((one) => pool.has(one.id) && isLabelled(one)));
  if (labelled.length > 0) {
    return { ...split, subsets: { ...split.subsets, [labelled.length]: labelled } };
  }
  throw new RangeError(`${name}: expected a patient with masks in the split's pool, found none`);
}

/** Writes a split manifest as JSON. */
export async function writeSplit(path: string, split: Split): Promise<void> {
  await writeJson(path, split);
}

/**
 * Reads a split manifest of a dataset; of one with pseudonyms, it may name patients by either.
 *
 * @throws {Error} If there is no such file.
 * @throws {SyntaxError} If it is no split manifest.
 * @throws {RangeError} If it names a patient whom the dataset does not have, or one twice among those
 * who are tested on, may be trained on and are watched, or holds a subset that is not of its size or not
 * drawn from the pool.
 */
export async function readSplit(path: string, dataset: Dataset): Promise<Split> {
  const text = await readTextIfAny(path);
  if (text === undefined) throw new Error(`${path}: no such file`);
  const split = withPseudonyms(parseJson(text, SplitJson, path), dataset);
  const known = new Set(ids(dataset.patients));
  const named = [...split.test, ...split.pool, ...split.validation ?? []];
  const stranger = named.find((id) => !known.has(id));
  if (stranger !== undefined) {
    throw new RangeError(
      `${path}: expected patients of ${dataset.name}, found ${excerpt(stranger)}`,
    );
  }
  expectApart(split, path);
  expectSubsets(split, path);
  return split;
}

/** Makes sure that nobody is trained on who is tested on or watched, nor watched who is tested on. */
function expectApart({ test, pool, validation = [] }: Split, path: string): void {
  const pairs = [
    { ids: test, role: "test", others: pool, place: "the pool" },
    { ids: validation, role: "validation", others: pool, place: "the pool" },
    { ids: validation, role: "validation", others: test, place: "the test" },
  ];
  for (const { ids, role, others, place } of pairs) {
    const within = new Set(others);
    const both = ids.find((id) => within.has(id));
    if (both === undefined) continue;
    throw new RangeError(
      `${path}: expected no ${role} patient in ${place}, found ${excerpt(both)} in both`,
    );
  }
}

/** Makes sure that subsets are of their size, and part of the pool. */
function expectSubsets(split: Split, path: string): void {
  const pool = new Set(split.pool);
  for (const [size, subset] of Object.entries(split.subsets)) {
    if (new Set(subset).size !== Number(size) || subset.length !== Number(size)) {
      throw new RangeError(
        `${path}: expected ${excerpt(size)} patients in subset ${excerpt(size)}, found ` +
          excerpt(subset.join(", ")),
      );
    }
    const outside = subset.find((id) => !pool.has(id));
    if (outside !== undefined) {
      throw new RangeError(
        `${path}: expected subsets of the pool, found ${excerpt(outside)} in ${size}`,
      );
    }
  }
}

function withPseudonyms(split: Split, { pseudonyms }: Dataset): Split {
  const renamed = (ids: readonly string[]) => ids.map((id) => pseudonyms?.get(id) ?? id);
  const subsets = Object.entries(split.subsets).map(([size, ids]) => [size, renamed(ids)]);
  return {
    ...split,
    test: renamed(split.test),
    pool: renamed(split.pool),
    ...(split.validation && { validation: renamed(split.validation) }),
    subsets: Object.fromEntries(subsets),
  };
}

/** Whether two splits of one dataset test on other patients; false where the second tests on nobody. */
export function testsOthers(a: Split, b: Split): boolean {
  if (a.dataset !== b.dataset || b.test.length === 0) return false;
  return new Set(a.test).symmetricDifference(new Set(b.test)).size > 0;
}

/** Labelled training patients to test on, for want of a test part. No seed decides who they are. */
function testPatients(training: Patient[], fraction: number): Patient[] {
  const labelled = training.filter(isLabelled);
  if (labelled.length < 2 || fraction === 0) return [];
  if (labelled.some(({ group }) => group !== "")) {
    const last = groups(labelled).flatMap((group) =>
      group.slice(group.length - Math.round(fraction * group.length))
    );
    if (last.length > 0 && last.length < labelled.length) return last;
  }
  const count = Math.round(fraction * labelled.length);
  return random("test patients").shuffle(labelled)
    .slice(0, Math.min(Math.max(count, 1), labelled.length - 1));
}

/** All patients in random order, the groups taking turns. */
function balancedOrder(patients: Patient[], seed: number): Patient[] {
  const draw = random("few-shot subsets", seed);
  const queues = draw.shuffle(groups(patients)).map((group) => draw.shuffle(group));
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? []))
    .flat();
}

/** Patients by group, groups and patients in alphabetical order. */
export function groups(patients: readonly Patient[]): Patient[][] {
  const byGroup = Map.groupBy(patients, ({ group }) => group);
  return [...byGroup.keys()].sort().map((group) =>
    byGroup.get(group)!.toSorted((a, b) => a.id < b.id ? -1 : 1)
  );
}

/** Whether a scan of a patient has a mask. */
export function isLabelled({ scans }: Patient): boolean {
  return scans.some(({ mask }) => mask !== undefined);
}

function ids(patients: Patient[]): string[] {
  return patients.map(({ id }) => id);
}
