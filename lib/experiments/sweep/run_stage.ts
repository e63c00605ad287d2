/**
 * The stages of a sweep: a pretraining, or an adaptation and its test. Each goes on where it was
 * stopped, and is recorded in its folder.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset } from "../../data/datasets/dataset.ts";
import type { SeenScans } from "../../data/slices/seen_scans.ts";
import { writeJson } from "../../io/write_json.ts";
import { copyRun } from "../../runs/copy_run.ts";
import { hasCheckpoint } from "../../runs/kept_checkpoints.ts";
import { makePretraining } from "../../runs/make_run.ts";
import type { RecordingOptions } from "../../runs/record_run.ts";
import { openRun, type Run } from "../../runs/run_folder.ts";
import type { LoopHooks } from "../../training/loop.ts";
import type { Safetensors } from "../../training/weights/safetensors.ts";
import { STRATEGIES } from "../../training/strategies/table.ts";
import { adaptAndTest, earlierRun } from "../adapt_and_test.ts";
import { differs, type FinishedPretrainings, sliceDifference } from "./finished_pretrainings.ts";
import { type PlannedRun, type PlannedStage, pretrainingName, stageTitle } from "./plan.ts";
import { type SweepRow, sweepRow } from "../result.ts";
import { readRow, rowPath } from "./stages.ts";
import { labelledSlices, type SweepData, unlabelledSlices } from "./sweep_data.ts";

/** How stages are run. */
export interface StageOptions {
  /** The folder of the sweep. */
  out: string;
  /** Where it computes, for the record. */
  environment: RecordingOptions["environment"];
  /** Seconds between two checkpoints of a training; 30 by default. */
  saveEvery?: number;
  /** Pretrainings that are done elsewhere and are not to be trained again. */
  finished?: FinishedPretrainings;
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

/** Whether a stage is an adaptation. */
export function isAdaptation(stage: PlannedStage): stage is PlannedAdaptation {
  return stage.run !== undefined;
}

/** What an adaptation starts from. */
export interface PretrainedStage {
  /** Its checkpoint. */
  checkpoint: Safetensors;
  /** What the scans were like that it was trained on; not known of runs of earlier versions. */
  seen?: SeenScans;
}

/** Pretrains, or goes on, or reads what is there or is done elsewhere. */
export async function runPretraining(
  context: StageContext,
  stage: PlannedStage,
): Promise<PretrainedStage> {
  const { data, report } = context;
  const { config } = stage;
  const dir = join(context.out, stage.folder);
  const earlier = await earlierRun(dir, "pretrain", context.onWarning);
  if (earlier?.info.status === "done") return pretrainedOf(earlier);
  report(0);
  const taken = await takeOver(context, stage);
  if (taken) return taken;
  // Of all seeds, splits have the same pool and the same test patients.
  const [split] = data.splits.values();
  const onSteps = stepsReport(report, config.pretraining.batch);
  const slices = unlabelledSlices(data, config);
  const options = { ...context, config, split, earlier, onSteps };
  return { checkpoint: await makePretraining(dir, slices, options), seen: slices.seen };
}

/**
 * Copies a pretraining that is done elsewhere, where there is one.
 *
 * @throws {TypeError} if it was asked for and is of other slices.
 */
async function takeOver(
  { out, data, finished, environment: { backend }, onWarning }: StageContext,
  { config, folder }: PlannedStage,
): Promise<PretrainedStage | undefined> {
  const name = pretrainingName(config);
  const elsewhere = finished?.get(name);
  if (!elsewhere) return undefined;
  const run = await openRun(elsewhere.folder);
  const difference = sliceDifference(run, unlabelledSlices(data, config), config);
  if (difference !== undefined) {
    const error = differs(elsewhere.folder, difference);
    if (elsewhere.named) throw error;
    onWarning?.(`${error.message}; trains it anew`);
    return undefined;
  }
  if (run.info.backend !== backend) {
    onWarning?.(
      `pretraining ${name} was computed on ${run.info.backend}, not on ${backend}: results differ ` +
        "by rounding",
    );
  }
  const [split] = data.splits.values();
  await copyRun(join(out, folder), run, { from: elsewhere.folder, config, split });
  return pretrainedOf(run);
}

/** Adapts and tests one model, or reads its row. */
export async function runAdaptation(
  context: StageContext,
  { run, folder }: PlannedAdaptation,
  { pretrained }: { pretrained?: PretrainedStage } = {},
): Promise<SweepRow> {
  const { data, out, report } = context;
  const done = await readRow(out, folder);
  if (done) return done;
  const { config, strategy, patients, seed } = run;
  report(0);
  const { batch, unlabelled } = STRATEGIES[strategy];
  const summary = await adaptAndTest(join(out, folder), labelledSlices(data, run), {
    ...{ ...context, config, strategy, patients },
    ...{ pretrained: pretrained?.checkpoint, seen: pretrained?.seen },
    split: data.splits.get(seed)!,
    unlabelled: unlabelled ? unlabelledSlices(data, config) : undefined,
    onSteps: stepsReport(report, batch(config.adaptation)),
    readTest: () => data.test,
  });
  // The row comes last: by it, the run is done. Where there is a teacher, it is the teacher's.
  const row = sweepRow({ ...run, backend: context.environment.backend }, summary);
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
): Promise<PretrainedStage> {
  const dir = join(out, stage.folder);
  const found = hasCheckpoint(dir) ? await openRun(dir) : undefined;
  if (found?.info.status === "done") return pretrainedOf(found);
  const what = found?.damage ?? found?.info.status ?? "none";
  throw new Error(
    `${dir}: expected ${stageTitle(stage)} to be done, found ${what}; do run ${stage.id} first`,
  );
}

function pretrainedOf({ checkpoint, info: { seen } }: Run): PretrainedStage {
  return { checkpoint, seen };
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
