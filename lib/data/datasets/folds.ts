/**
 * Folds of a cross-validation: patients, never slices, are divided.
 *
 * @module
 */
import { random } from "../../math/random.ts";
import type { Dataset } from "./dataset.ts";
import { groups, type Split } from "./splits.ts";

/** Options of {@linkcode crossValidationSplits}. */
export interface FoldOptions {
  /** The number of folds: from 2 to that of the patients, which leaves one out at a time. */
  folds: number;
  /** What the patients are dealt out with; 0 by default. */
  seed?: number;
}

/**
 * Deals labelled patients out to folds, each of which is tested on once by a model of the others. Folds
 * differ by at most one patient, in all and of any group.
 *
 * @param split Who may be trained on.
 * @param patients Ids of labelled patients of its pool.
 * @returns a split of each fold, whose test patients are in no pool of theirs: not trained on, with masks
 * or without.
 * @throws {RangeError} if there cannot be so many folds, or a single patient is labelled.
 */
export function crossValidationSplits(
  dataset: Dataset,
  { split, patients }: { split: Split; patients: readonly string[] },
  { folds, seed = 0 }: FoldOptions,
): Split[] {
  expectFolds(dataset, folds, patients.length);
  const wanted = new Set(patients);
  const draw = random("folds", seed);
  const order = groups(dataset.patients.filter(({ id }) => wanted.has(id)))
    .flatMap((group) => draw.shuffle(group)).map(({ id }) => id);
  return Array.from({ length: folds }, (_, fold) => {
    const test = order.filter((_, i) => i % folds === fold).sort();
    const training = patients.filter((id) => !test.includes(id));
    const { validation: _none, ...rest } = split;
    return {
      ...rest,
      test,
      pool: split.pool.filter((id) => !test.includes(id)),
      subsets: { [training.length]: training },
    };
  });
}

function expectFolds({ name }: Dataset, folds: number, patients: number): void {
  if (patients < 2) {
    throw new RangeError(
      `${name}: expected two labelled patients or more to cross-validate, found ${patients}: outline ` +
        "another, or train on the one without knowing how good the model is",
    );
  }
  if (Number.isInteger(folds) && folds >= 2 && folds <= patients) return;
  throw new RangeError(
    `${name}: expected a number of folds from 2 to ${patients}, the labelled patients, found ${folds}`,
  );
}
