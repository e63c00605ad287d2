/**
 * Whom a search adapts to, and whom it measures on: training patients alone.
 *
 * @module
 */
import type { Dataset, Patient } from "../../data/datasets/dataset.ts";
import { isLabelled, splitPatients } from "../../data/datasets/splits.ts";
import { plannedPatients, type SweepPlan } from "../sweep/plan.ts";
import { sweepSplits } from "../sweep/sweep_data.ts";

/** Patients that a try is measured on, at most. */
const MEASURED = 20;

/** Draws of labelled patients that a try is adapted to, at most. */
const DRAWS = 2;

/** What a search is run on, in place of a sweep's dataset. */
export interface InnerSplit {
  /**
   * The dataset without the sweep's test patients, who are not in it at all: those that tries are
   * measured on stand in their place.
   */
  dataset: Dataset;
  /** Ids of the patients that tries are measured on. */
  measured: string[];
  /** Numbers of labelled patients that tries are adapted to. */
  patients: number[];
  /** Seeds of their draws. */
  seeds: number[];
}

/**
 * The split of a plan's search. Tries are adapted to the plan's smallest and its middle number of
 * patients, and measured on up to 20 labelled training patients, balanced over the groups: none to whom
 * a run of these numbers adapts, and first of all such as no run adapts to.
 *
 * @throws {RangeError} if that leaves nobody to measure on, or where {@linkcode sweepSplits} does.
 */
export function innerSplit(dataset: Dataset, plan: SweepPlan): InnerSplit {
  const patients = searchedNumbers(plan);
  const splits = [...sweepSplits(dataset, plan).values()];
  const [{ pool }] = splits;
  const drawn = (numbers: readonly number[]) =>
    new Set(splits.flatMap(({ subsets }) => numbers.flatMap((number) => subsets[number])));
  const [few, any] = [drawn(patients), drawn(plannedPatients(plan))];
  const inPool = dataset.patients.filter(({ id }) => pool.includes(id));
  const free = inPool.filter((one) => isLabelled(one) && !few.has(one.id));
  if (free.length === 0) {
    throw new RangeError(
      `${dataset.name}: expected training patients with masks beside the ${few.size} that the plan's ` +
        `runs of ${
          patients.join(" and ")
        } adapt to, to measure a search's tries on, found none; give ` +
        "fewer seeds or numbers of patients",
    );
  }
  const last = free.filter(({ id }) => any.has(id));
  const measured = balancedFirst({ ...dataset, patients: free }, ids(last));
  const parted = inPool.map((one): Patient =>
    measured.includes(one.id) ? { ...one, part: "testing" } : one
  );
  const seeds = plan.seeds.slice(0, DRAWS);
  return { dataset: { ...dataset, patients: parted }, measured, patients, seeds };
}

/** The smallest and the middle of a plan's numbers of patients, of two middle ones the lower. */
function searchedNumbers(plan: SweepPlan): number[] {
  const all = plannedPatients(plan);
  return [...new Set([all[0], all[Math.floor((all.length - 1) / 2)]])];
}

/** Up to 20 patients of a dataset, the groups taking turns; some come after all others. */
function balancedFirst(dataset: Dataset, last: readonly string[]): string[] {
  const size = Math.min(MEASURED, dataset.patients.length);
  const { subsets } = splitPatients(dataset, { testFraction: 0, sizes: [size], last });
  return subsets[size].toSorted();
}

function ids(patients: readonly Patient[]): string[] {
  return patients.map(({ id }) => id);
}
