/**
 * Whether cleaning masks up brings them closer to their references: tried on the masks as they are, so
 * that no network runs again.
 *
 * @module
 */
import { withoutIgnored } from "../data/masks/labels.ts";
import { type Evaluated, evaluatedRegions } from "../data/masks/regions.ts";
import type { CohortScan } from "../data/slices/cohort.ts";
import { cleaned, type Cleaning } from "../inference/cleaning.ts";
import { mean, meanOfKnown } from "../math/descriptive.ts";

/** A way to clean masks up, and what it comes to. */
export interface CleaningTrial extends Cleaning {
  /** Dice by patient: the mean over structures and scans. Patients without any are left out. */
  dice: Record<string, number>;
}

/** What trials tell. */
export interface CleaningChoice extends Cleaning {
  /** Mean Dice over patients, of masks cleaned up so. */
  dice: number;
  /** The same of masks as they are. */
  plain: number;
}

/** The ways, of which the first leaves masks as they are. */
const WAYS: readonly Cleaning[] = [
  { largestComponent: false, fillHoles: false },
  { largestComponent: true, fillHoles: false },
  { largestComponent: false, fillHoles: true },
  { largestComponent: true, fillHoles: true },
];

/** Mean Dice that cleaning has to add: less is chance. */
const LEAST_GAIN = 0.001;

/** Tries every way on mask after mask. */
export interface CleaningTrials {
  /** Takes a mask as it is, [x, y, z] with x fastest, on the grid of its scan, which has a reference. */
  add: (
    prediction: Uint8Array,
    scan: Pick<CohortScan, "patient" | "shape" | "reference">,
  ) => void;
  /** What all masks so far come to, way by way. */
  found: () => CleaningTrial[];
}

/** Trials of each way to clean masks up. */
export function cleaningTrials(evaluated: Evaluated): CleaningTrials {
  const regions = evaluatedRegions(evaluated);
  const records = WAYS.map(() => new Map<string, (number | null)[]>());
  return {
    add: (prediction, { patient, shape, reference }) => {
      const expected = withoutIgnored(reference!);
      WAYS.forEach((way, i) => {
        const found = withoutIgnored(cleaned(prediction, shape, way), reference!);
        const dice = regions.map(({ labels }) => diceOf(found, expected, labels));
        records[i].set(patient, [...records[i].get(patient) ?? [], ...dice]);
      });
    },
    found: () =>
      WAYS.map((way, i) => ({
        ...way,
        dice: Object.fromEntries(
          [...records[i]].flatMap(([patient, dice]) => {
            const known = meanOfKnown(dice);
            return known === null ? [] : [[patient, known]];
          }),
        ),
      })),
  };
}

/**
 * The way that does best over the patients of all folds, where it adds 0.001 to the mean Dice; of
 * equally good ones the first, which cleans up less. Undefined where nothing was tried in a fold, or
 * there is nothing to measure.
 */
export function bestCleaning(
  folds: readonly (readonly CleaningTrial[] | undefined)[],
): CleaningChoice | undefined {
  const tried = folds.filter((trials) => trials !== undefined);
  if (tried.length < folds.length) return undefined;
  const ways = WAYS.map((way, i) => {
    const dice = tried.flatMap((trials) => Object.values(trials[i].dice));
    return { ...way, dice: dice.length > 0 ? mean(dice) : NaN };
  });
  const [none] = ways;
  if (Number.isNaN(none.dice)) return undefined;
  const best = ways.reduce((best, way) => way.dice > best.dice ? way : best);
  return { ...(best.dice - none.dice >= LEAST_GAIN ? best : none), plain: none.dice };
}

/** Dice 2|A ∩ B| / (|A| + |B|) of some labels together; null where neither has any. */
function diceOf(
  found: Uint8Array,
  expected: Uint8Array,
  labels: readonly number[],
): number | null {
  let [both, all] = [0, 0];
  found.forEach((label, i) => {
    const [a, b] = [labels.includes(label), labels.includes(expected[i])];
    if (a && b) both++;
    all += Number(a) + Number(b);
  });
  return all > 0 ? 2 * both / all : null;
}
