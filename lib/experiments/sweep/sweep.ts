/**
 * The label-efficiency sweep: pretrain once per pretraining, then adapt to few patients and test,
 * for every strategy, number of patients and seed. What is done already is not done again.
 *
 * @module
 */
import type { Dataset } from "../../data/datasets/dataset.ts";
import { cutLabelWarnings, wideGridWarning } from "../../data/slices/grid_warnings.ts";
import { untaughtWarnings, untestedWarnings } from "../../data/slices/label_warnings.ts";
import { cohortWarnings } from "../../data/datasets/check/scan_warnings.ts";
import { otherBackendWarning } from "../known_runs.ts";
import {
  type PlannedStage,
  plannedStages,
  pretrainingName,
  stageTitle,
  type SweepPlan,
} from "./plan.ts";
import { stageReports, stageWork, type SweepProgress } from "./progress.ts";
import type { SweepResult, SweepRow } from "../result.ts";
import {
  isAdaptation,
  openPretraining,
  type PretrainedStage,
  runAdaptation,
  runPretraining,
  type StageContext,
  type StageOptions,
} from "./run_stage.ts";
import { counted } from "../../io/text/amounts.ts";
import { stageDone, sweepState } from "./stages.ts";
import { labelledScans, loadSweepData, type SweepData } from "./sweep_data.ts";
import {
  expectNoOtherSweep,
  expectSweep,
  prepareSweep,
  rowsOf,
  writeResult,
} from "./sweep_folder.ts";

/** Options of {@linkcode runSweep}; a folder that holds the same sweep is continued. */
export interface SweepOptions extends StageOptions {
  /** The result of an earlier sweep, whose runs of the same settings are taken over. */
  known?: SweepResult;
  /** Follows the sweep. */
  onProgress?: (progress: SweepProgress) => void;
}

/**
 * Runs a sweep, or what is left of it. `result.json` is written after every run.
 *
 * @returns the content of `result.json`, in `out`.
 * @throws {RangeError} if the plan is not sound (see {@linkcode plannedRuns}) or asks for more
 * labelled patients than there are.
 * @throws {Error} if `out` holds another sweep.
 * @throws The signal's reason when interrupted.
 */
export async function runSweep(
  dataset: Dataset,
  plan: SweepPlan,
  options: SweepOptions,
): Promise<SweepResult> {
  const { out } = options;
  const known = rowsOf(dataset, plan, options.known);
  await expectNoOtherSweep(dataset, plan, { out });
  const { rows, left } = await sweepState(out, plan, known);
  otherBackendWarning([...known.values()], options.environment.backend)
    .forEach(options.onWarning ?? (() => {}));
  const finish = () => writeResult(rows, { out, dataset: dataset.name, plan });
  const onRow = async (row: SweepRow) => {
    rows.push(row);
    await finish();
  };
  await runStages(dataset, plan, { ...options, left, onRow });
  return await finish();
}

/**
 * Runs the pretrainings of a sweep alone, or what is left of them: no mask is read for it.
 *
 * @throws What {@linkcode runSweep} throws.
 */
export async function runSweepPretrainings(
  dataset: Dataset,
  plan: SweepPlan,
  options: SweepOptions,
): Promise<void> {
  await expectNoOtherSweep(dataset, plan, options);
  const { left } = await sweepState(options.out, plan);
  await runStages(dataset, plan, { ...options, left: left.filter(({ run }) => !run) });
}

/** Runs some stages one after the other, in a folder that becomes the sweep's. */
async function runStages(
  dataset: Dataset,
  plan: SweepPlan,
  { left, onRow, ...options }: SweepOptions & {
    left: readonly PlannedStage[];
    onRow?: (row: SweepRow) => Promise<void>;
  },
): Promise<void> {
  const { out, signal, finished, onProgress, onWarning = () => {} } = options;
  // All is read before anything is written: a file that cannot be used leaves no half sweep behind.
  const data = await loadSweepData(dataset, plan, { stages: left, signal });
  dataWarnings(dataset, plan, { data, stages: left }).forEach(onWarning);
  await prepareSweep(dataset, plan, { out });
  const open = (id: number) => openPretraining(out, plannedStages(plan)[id]);
  const pretrained = new Map<number, PretrainedStage>();
  const taken = ({ run, config }: PlannedStage) => !run && finished?.has(pretrainingName(config));
  const reportOf = stageReports(
    left.map((stage) => taken(stage) ? 0 : stageWork(stage, data)),
    onProgress,
  );
  for (const [i, stage] of left.entries()) {
    const context = { ...options, dataset, data, report: reportOf(i, stageTitle(stage)) };
    if (isAdaptation(stage)) {
      const before = await pretrainedFor(stage, pretrained, open);
      await onRow?.(await runAdaptation(context, stage, { pretrained: before }));
    } else pretrained.set(stage.id, await runPretraining(context, stage));
  }
}

/** What a stage starts from, opened once where it was run before or by another process. */
async function pretrainedFor(
  { after: [id] }: PlannedStage,
  pretrained: Map<number, PretrainedStage>,
  open: (id: number) => Promise<PretrainedStage>,
): Promise<PretrainedStage | undefined> {
  if (id !== undefined && !pretrained.has(id)) pretrained.set(id, await open(id));
  return pretrained.get(id);
}

/** Options of {@linkcode runSweepStage}. */
export interface SweepStageOptions extends SweepOptions {
  /** The number of the stage: its `id` in `plan.json`. */
  stage: number;
}

/**
 * Runs one stage of a sweep whose folder is prepared ({@linkcode prepareSweep}), or what is left of
 * it, and writes to no folder but that stage's.
 *
 * @throws {RangeError} if the plan has no such stage.
 * @throws {Error} if `out` does not hold this sweep, or a stage that this one needs is not done.
 * @throws The signal's reason when interrupted.
 */
export async function runSweepStage(
  dataset: Dataset,
  plan: SweepPlan,
  options: SweepStageOptions,
): Promise<void> {
  const { out, known, signal, onProgress, onWarning = () => {} } = options;
  const stages = plannedStages(plan);
  const stage = plannedStage(stages, options.stage);
  await expectSweep(dataset, plan, { out });
  if (rowsOf(dataset, plan, known).has(stage.folder) || await stageDone(out, stage)) return;
  const [pretrained] = await Promise.all(
    stage.after.map((id) => openPretraining(out, stages[id])),
  );
  const data = await loadSweepData(dataset, plan, { stages: [stage], signal });
  dataWarnings(dataset, plan, { data, stages: [stage] }).forEach(onWarning);
  const progress = { stage: stageTitle(stage), part: stage.id + 1, parts: stages.length };
  const report: StageContext["report"] = (fraction, trained) =>
    onProgress?.({ ...progress, ...trained, fraction });
  const context = { ...options, dataset, data, report };
  if (isAdaptation(stage)) await runAdaptation(context, stage, { pretrained });
  else await runPretraining(context, stage);
}

/**
 * The stage of a number.
 *
 * @throws {RangeError} if there is none.
 */
export function plannedStage(stages: readonly PlannedStage[], id: number): PlannedStage {
  const stage = stages.find((stage) => stage.id === id);
  if (stage) return stage;
  throw new RangeError(`expected a run from 0 to ${stages.length - 1}, found ${id}`);
}

/** What may spoil results: odd scans, the grid, or masks that lack what is to be learnt or tested. */
function dataWarnings(
  dataset: Dataset,
  { configs: [{ grid }] }: SweepPlan,
  { data, stages }: { data: SweepData; stages: readonly PlannedStage[] },
): string[] {
  const { splits, labelled, test } = data;
  if (labelled.length === 0) return [];
  const draws = Map.groupBy(
    stages.flatMap(({ run }) => run ?? []),
    ({ seed, patients }) => splits.get(seed)!.subsets[patients].join(),
  );
  const untaught = [...draws.values()].flatMap(([run]) =>
    untaughtWarnings(labelledScans(data, run), dataset.structures).map((line) =>
      `seed ${run.seed}, ${counted(run.patients, "labelled patient")}: ${line}`
    )
  );
  return [
    ...cohortWarnings([...labelled, ...test]),
    ...wideGridWarning(labelled, grid),
    ...cutLabelWarnings(labelled, grid),
    ...untaught,
    ...untestedWarnings(test, dataset),
  ];
}
