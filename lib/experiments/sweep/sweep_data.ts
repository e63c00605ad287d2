/**
 * What a sweep trains and tests on.
 *
 * @module
 */
import type { Config } from "../../config/config.ts";
import {
  type CohortScan,
  type LabelledSlices,
  labelledSlicesOf,
  loadCohort,
  loadSlices,
} from "../../data/slices/cohort.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import type { SliceStack } from "../../data/slices/slices.ts";
import { type Split, splitPatients } from "../../data/datasets/splits.ts";
import { STRATEGIES } from "../../training/strategies/table.ts";
import { plannedPatients, type PlannedRun, type PlannedStage, type SweepPlan } from "./plan.ts";

/** The data of some stages in memory. */
export interface SweepData {
  /** The split of each seed. */
  splits: Map<number, Split>;
  /** Slices of all training patients, by `pretraining.cineFrames`; see {@linkcode unlabelledSlices}. */
  unlabelled: Map<number, SliceStack>;
  /** The scans of the stages' labelled patients. */
  labelled: CohortScan[];
  /** The scans of the test patients. */
  test: CohortScan[];
}

/**
 * Who is trained and tested on, by seed.
 *
 * @throws {RangeError} if the plan asks for more labelled patients than there are, or none is left to
 * test on.
 */
export function sweepSplits(dataset: Dataset, plan: SweepPlan): Map<number, Split> {
  const sizes = plannedPatients(plan);
  const splits = plan.seeds.map((seed) => [seed, splitPatients(dataset, { seed, sizes })] as const);
  if (splits.every(([, { test }]) => test.length > 0)) return new Map(splits);
  throw new RangeError(
    `${dataset.name}: expected two patients with masks or more, one of them to test on, found one`,
  );
}

/**
 * Reads what some stages of a plan need.
 *
 * @throws {RangeError} if the plan asks for more labelled patients than there are.
 * @throws The signal's reason when interrupted.
 */
export async function loadSweepData(
  dataset: Dataset,
  plan: SweepPlan,
  { stages, signal }: { stages: readonly PlannedStage[]; signal?: AbortSignal },
): Promise<SweepData> {
  const splits = sweepSplits(dataset, plan);
  const { pool, test } = splits.get(plan.seeds[0])!;
  const runs = stages.flatMap(({ run }) => run ?? []);
  const chosen = runs.flatMap(({ seed, patients }) => splits.get(seed)!.subsets[patients]);
  const { grid, inference: { window } } = plan.configs[0];
  const onScan = () => signal?.throwIfAborted();
  const unlabelled = new Map<number, SliceStack>();
  for (const cineFrames of neededCineFrames(stages)) {
    const options = { grid, labelled: false, cineFrames, onScan };
    unlabelled.set(cineFrames, await loadSlices(dataset, pool, options));
  }
  if (runs.length === 0) return { splits, unlabelled, labelled: [], test: [] };
  return {
    splits,
    unlabelled,
    labelled: await loadCohort(dataset, chosen, {
      ...{ grid, labelled: true, onScan },
      window: "labels",
    }),
    test: await loadCohort(dataset, test, { grid, labelled: true, window, onScan }),
  };
}

/** The slices of all training patients, as a configuration's pretraining sees them. */
export function unlabelledSlices({ unlabelled }: SweepData, { pretraining }: Config): SliceStack {
  return unlabelled.get(pretraining.cineFrames)!;
}

/** The scans of the labelled patients of a run. */
export function labelledScans(
  { splits, labelled }: SweepData,
  { seed, patients }: PlannedRun,
): CohortScan[] {
  const subset = splits.get(seed)!.subsets[patients];
  return labelled.filter(({ patient }) => subset.includes(patient));
}

/** Their slices, with what to call them. */
export function labelledSlices(data: SweepData, run: PlannedRun): LabelledSlices {
  return labelledSlicesOf(labelledScans(data, run));
}

/** Those of every stage that sees unlabelled slices. */
function neededCineFrames(stages: readonly PlannedStage[]): Set<number> {
  const seeing = stages.filter(({ run }) => !run || STRATEGIES[run.strategy].unlabelled);
  return new Set(seeing.map(({ config }) => config.pretraining.cineFrames));
}
