/**
 * The stages of a sweep: a pretraining, or an adaptation and its test. Each goes on where it was
 * stopped, and is recorded in its folder.
 *
 * @module
 */
import { join } from "node:path";
import { disposeWeights } from "../backbones/weights.ts";
import type { Dataset } from "../data/datasets/dataset.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import { evaluateModel } from "../evaluators/evaluate.ts";
import { metricsCsv, summarise } from "../evaluators/summary.ts";
import { protocolWarnings } from "../data/slices/midl2024.ts";
import { adapt, adaptationLength } from "../training/adapt.ts";
import { hasCheckpoint, keepCheckpoint } from "../runs/kept_checkpoints.ts";
import type { LoopHooks } from "../training/loop.ts";
import { pretrain, pretrainingSteps } from "../training/pretrain.ts";
import { recordRun, type RunDescription } from "../runs/record_run.ts";
import {
  damageWarning,
  datasetFacts,
  openRun,
  progressOf,
  reopenRun,
  type Run,
} from "../runs/run_folder.ts";
import type { Safetensors } from "../training/safetensors.ts";
import { hasTeacher, segmentationModel } from "../training/segmentation_model.ts";
import { type PlannedRun, type PlannedStage, stageTitle } from "./plan.ts";
import { type SweepRow, sweepRow } from "./result.ts";
import { readRow, rowPath } from "./stages.ts";
import { labelledSlices, type SweepData, unlabelledSlices } from "./sweep_data.ts";
import { writeJson } from "./sweep_folder.ts";

/** How stages are run. */
export interface StageOptions {
  /** The folder of the sweep. */
  out: string;
  /** Where it computes, for the record. */
  environment: Pick<RunDescription, "backend" | "deno">;
  /** Seconds between two checkpoints of a training; 30 by default. */
  saveEvery?: number;
  /** Receives a line on each thing that may spoil results. */
  onWarning?: (warning: string) => void;
  /** Ends the sweep after the current step. */
  signal?: AbortSignal;
}

/** What a stage that trains reports. */
export interface Trained {
  /** The last loss. */
  loss: number;
  /** Slices that it was trained on so far. */
  slices: number;
}

/** What a stage is run with. */
export interface StageContext extends StageOptions {
  /** The dataset. */
  dataset: Dataset;
  /** Its patients in memory, as far as the stage needs them. */
  data: SweepData;
  /** Receives how much of the stage is done, 0 to 1. */
  report: (fraction: number, trained?: Trained) => void;
}

/** An adaptation of a plan. */
export type PlannedAdaptation = PlannedStage & { run: PlannedRun };

/** Pretrains, or goes on, or reads what is there. */
export async function runPretraining(
  { dataset, data, out, environment, saveEvery, report, onWarning, signal }: StageContext,
  { config, folder }: PlannedStage,
): Promise<Safetensors> {
  const dir = join(out, folder);
  const earlier = await earlierRun(dir, { kind: "pretrain", onWarning });
  if (earlier?.info.status === "done") return earlier.checkpoint;
  report(0);
  const slices = unlabelledSlices(data, config);
  const description = {
    kind: "pretrain",
    ...datasetFacts(dataset),
    structures: [],
    steps: pretrainingSteps(slices.count, config.pretraining),
    ...environment,
  };
  return await recordRun(dir, {
    config,
    description,
    earlier: earlier && progressOf(earlier),
    onSteps: stepsReport(report, config.pretraining.batch),
  }, (onSteps, onQuality) =>
    pretrain(slices, config, {
      resume: earlier?.checkpoint,
      saveEvery,
      signal,
      onSteps,
      onQuality,
      save: (checkpoint) => keepCheckpoint(dir, checkpoint),
    }));
}

/** Adapts and tests one model, or reads its row. */
export async function runAdaptation(
  { dataset, data, out, environment, saveEvery, report, onWarning, signal }: StageContext,
  { run, folder }: PlannedAdaptation,
  { pretrained }: { pretrained?: Safetensors } = {},
): Promise<SweepRow> {
  const done = await readRow(out, folder);
  if (done) return done;
  const { config, strategy } = run;
  const { protocol } = config.data;
  const dir = join(out, folder);
  report(0);
  const earlier = await earlierRun(dir, { kind: strategy, onWarning });
  const { structures, regions } = dataset;
  const classes = structures.length + 1;
  const { steps, batch } = adaptationLength(strategy, config.adaptation);
  const description = {
    kind: strategy,
    ...datasetFacts(dataset),
    structures,
    ...(regions && { regions }),
    steps,
    ...environment,
  };
  const checkpoint = await recordRun(dir, {
    config,
    description,
    earlier: earlier && progressOf(earlier),
    onSteps: stepsReport(report, batch),
  }, async (onSteps) => {
    const adapted = await adapt(labelledSlices(data, run), config, {
      ...{ strategy, classes, pretrained, onSteps, saveEvery, signal },
      unlabelled: strategy === "mean-teacher" ? unlabelledSlices(data, config) : undefined,
      resume: earlier?.checkpoint,
      save: (checkpoint) => keepCheckpoint(dir, checkpoint),
    });
    if (adapted !== earlier?.checkpoint) await keepCheckpoint(dir, adapted);
    return adapted;
  });
  const evaluate = async (part: "student" | "teacher") => {
    const model = segmentationModel(checkpoint, { config, classes, source: dir, part });
    const onScan = () => signal?.throwIfAborted();
    const { inference } = config;
    const options = { structures, regions, inference, onScan };
    const records = await evaluateModel(model, data.test, options);
    disposeWeights(model.weights);
    return records;
  };
  // Of a Mean Teacher, the row is the teacher's.
  const records = await evaluate("teacher");
  const student = hasTeacher(checkpoint) ? await evaluate("student") : undefined;
  const summary = summarise(records, { student, warnings: protocolWarnings(protocol) });
  const row = sweepRow({ ...run, backend: environment.backend }, summary);
  await writeFileAtomically(join(dir, "metrics.csv"), metricsCsv(records, { protocol }));
  await writeJson(join(dir, "summary.json"), summary);
  // The row comes last: by it, the run is done.
  await writeJson(rowPath(out, folder), row);
  return row;
}

/**
 * The outcome of a pretraining that another process may have run.
 *
 * @throws {Error} if it is not done, or cannot be read; with the stage to run.
 */
export async function openPretraining(
  out: string,
  stage: PlannedStage,
): Promise<Safetensors> {
  const dir = join(out, stage.folder);
  const found = hasCheckpoint(dir) ? await openRun(dir) : undefined;
  if (found?.info.status === "done") return found.checkpoint;
  const what = found?.damage ?? found?.info.status ?? "none";
  throw new Error(
    `${dir}: expected ${stageTitle(stage)} to be done, found ${what}; do run ${stage.id} first`,
  );
}

/** The run to go on with in a folder, if there is one. */
async function earlierRun(
  dir: string,
  { kind, onWarning }: Pick<StageOptions, "onWarning"> & { kind: string },
): Promise<Run | undefined> {
  if (!hasCheckpoint(dir)) return undefined;
  const run = await reopenRun(dir, [kind]);
  const warning = damageWarning(run);
  for (const line of [warning ?? [], run.lost].flat()) onWarning?.(line);
  return run;
}

/** Reports the steps of a stage whose steps train on `batch` slices. */
function stepsReport(
  report: StageContext["report"],
  batch: number,
): LoopHooks["onSteps"] {
  return (records, steps) => {
    const last = records.at(-1);
    if (!last) return;
    report(last.step / steps, { loss: last.loss, slices: last.step * batch });
  };
}
