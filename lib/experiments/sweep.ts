/**
 * The label-efficiency sweep: pretrain once per pretraining, then adapt to few patients and test,
 * for every strategy, number of patients and seed. What is done already is not done again.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { disposeWeights } from "../backbones/weights.ts";
import type { Config } from "../config/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { readTextIfAny } from "../data/files.ts";
import { cutLabelWarnings, wideGridWarning } from "../data/grid_warnings.ts";
import type { Split } from "../data/splits.ts";
import { writeFileAtomically } from "../data/write_file.ts";
import { evaluateModel } from "../evaluators/evaluate.ts";
import { metricsCsv, summarise } from "../evaluators/summary.ts";
import { adapt, adaptationLength } from "../training/adapt.ts";
import type { LoopHooks } from "../training/loop.ts";
import { pretrain, pretrainingSteps } from "../training/pretrain.ts";
import { recordRun, type RunDescription } from "../training/record_run.ts";
import { hasCheckpoint, keepCheckpoint } from "../training/kept_checkpoints.ts";
import {
  damageWarning,
  expectNoRun,
  progressOf,
  reopenRun,
  type Run,
} from "../training/run_folder.ts";
import type { Safetensors } from "../training/safetensors.ts";
import { hasTeacher, segmentationModel } from "../training/segmentation_model.ts";
import { knownRows, otherBackendWarning, parseRow } from "./known_runs.ts";
import {
  type PlannedRun,
  type PlannedStage,
  plannedStages,
  pretrainingName,
  runFolder,
  runTitle,
  type SweepPlan,
} from "./plan.ts";
import { type SweepResult, sweepResult, type SweepRow, sweepRow } from "./result.ts";
import { labelledSlices, loadSweepData, type SweepData, unlabelledSlices } from "./sweep_data.ts";

/** How far a sweep is. */
export interface SweepProgress {
  /** What is going on, for instance "pretraining pix2rep". */
  stage: string;
  /** Number of the stage, from 1. */
  part: number;
  /** Number of stages. */
  parts: number;
  /** How much of the sweep's training is done, 0 to 1. */
  fraction: number;
  /** The last loss, while training. */
  loss?: number;
  /** Slices that the stage was trained on so far. */
  slices?: number;
}

/** Options of {@linkcode runSweep}. */
export interface SweepOptions {
  /** The folder of the sweep; one that holds the same sweep is continued. */
  out: string;
  /** Where it computes, for the record. */
  environment: Pick<RunDescription, "backend" | "deno">;
  /** The result of an earlier sweep, whose runs of the same settings are taken over. */
  known?: SweepResult;
  /** Follows the sweep. */
  onProgress?: (progress: SweepProgress) => void;
  /** Seconds between two checkpoints of a training; 30 by default. */
  saveEvery?: number;
  /** Receives a line on each thing that may spoil results. */
  onWarning?: (warning: string) => void;
  /** Ends the sweep after the current step. */
  signal?: AbortSignal;
}

/** What a stage that trains reports. */
type Trained = Required<Pick<SweepProgress, "loss" | "slices">>;

/** What the stages of a sweep share. */
interface Sweep extends SweepOptions {
  dataset: Dataset;
  data: SweepData;
  /** Reports the progress of the current stage. */
  report: (stage: string, fraction: number, trained?: Trained) => void;
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
  const { name } = dataset;
  const known = options.known && knownRows(plan, { dataset: name, earlier: options.known });
  const stages = plannedStages(plan, (run) => !known?.has(runFolder(run)));
  // All is read before anything is written: a file that cannot be used leaves no half sweep behind.
  const data = await loadSweepData(dataset, plan, { signal: options.signal });
  const { environment: { backend }, onWarning = () => {} } = options;
  [
    ...wideGridWarning(data.labelled, plan.configs[0].grid),
    ...cutLabelWarnings(data.labelled, plan.configs[0].grid),
    ...otherBackendWarning([...known?.values() ?? []], backend),
  ].forEach(onWarning);
  await claimFolder(options.out, { dataset: name, plan }, data.splits);
  const work = stages.map((stage) => stageWork(stage, data));
  const pretrained = new Map<string, Safetensors>();
  const rows: SweepRow[] = [...known?.values() ?? []];
  const writeResult = async () => {
    const result = sweepResult(rows, { dataset: name, config: plan });
    await writeJson(join(options.out, "result.json"), result);
    return result;
  };
  for (const [i, { config, run }] of stages.entries()) {
    const report: Sweep["report"] = (stage, fraction, trained) =>
      options.onProgress?.({
        ...{ stage, part: i + 1, parts: stages.length, ...trained },
        fraction: (sum(work.slice(0, i)) + fraction * work[i]) / sum(work),
      });
    const sweep = { ...options, dataset, data, report };
    if (!run) {
      pretrained.set(pretrainingName(config), await sweepPretraining(sweep, config));
      continue;
    }
    rows.push(await sweepRun(sweep, run, { pretrained: pretrained.get(run.pretraining) }));
    await writeResult();
  }
  return await writeResult();
}

/**
 * The work of a stage, in slices that pass the network forward and backward: two views in
 * pretraining, one in adaptation. Forward alone, as in testing, is a third of that.
 */
function stageWork({ config, run }: PlannedStage, data: SweepData): number {
  if (!run) {
    const { pretraining } = config;
    const views = 2 * (1 + pretraining.patches.perSlice);
    return views * pretrainingSteps(unlabelledSlices(data, config).count, pretraining) *
      pretraining.batch;
  }
  const { strategy } = run;
  const { steps, batch } = adaptationLength(strategy, config.adaptation);
  const tested = sum(data.test.map(({ slices }) => slices.depth)) / 3;
  // A probe and an in-context model see their slices once; what follows costs little.
  const frozen = strategy === "probe" || strategy === "in-context";
  return tested + (frozen ? labelledSlices(data, run).count / 3 : steps * batch);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Pretrains, or goes on, or reads what is there. */
async function sweepPretraining(
  { dataset, data, out, environment, saveEvery, report, onWarning, signal }: Sweep,
  config: Config,
): Promise<Safetensors> {
  const dir = join(out, "pretraining", pretrainingName(config));
  const stage = `pretraining ${pretrainingName(config)}`;
  const earlier = await earlierRun(dir, { kind: "pretrain", onWarning });
  if (earlier?.info.status === "done") return earlier.checkpoint;
  report(stage, 0);
  const slices = unlabelledSlices(data, config);
  const description = {
    kind: "pretrain",
    dataset: dataset.name,
    structures: [],
    steps: pretrainingSteps(slices.count, config.pretraining),
    ...environment,
  };
  return await recordRun(dir, {
    config,
    description,
    earlier: earlier && progressOf(earlier),
    onSteps: stepsReport(report, { stage, batch: config.pretraining.batch }),
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
async function sweepRun(
  { dataset, data, out, environment, saveEvery, report, onWarning, signal }: Sweep,
  run: PlannedRun,
  { pretrained }: { pretrained?: Safetensors },
): Promise<SweepRow> {
  const { config, strategy } = run;
  const dir = join(out, runFolder(run));
  const stage = runTitle(run);
  const rowPath = join(dir, "row.json");
  const done = await readTextIfAny(rowPath);
  if (done !== undefined) return parseRow(done, rowPath);
  report(stage, 0);
  const earlier = await earlierRun(dir, { kind: strategy, onWarning });
  const { structures } = dataset;
  const classes = structures.length + 1;
  const { steps, batch } = adaptationLength(strategy, config.adaptation);
  const description = {
    kind: strategy,
    dataset: dataset.name,
    structures,
    steps,
    ...environment,
  };
  const checkpoint = await recordRun(dir, {
    config,
    description,
    earlier: earlier && progressOf(earlier),
    onSteps: stepsReport(report, { stage, batch }),
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
    const records = await evaluateModel(model, data.test, { structures, inference, onScan });
    disposeWeights(model.weights);
    return records;
  };
  // Of a Mean Teacher, the row is the teacher's.
  const records = await evaluate("teacher");
  const summary = summarise(
    records,
    hasTeacher(checkpoint) ? await evaluate("student") : undefined,
  );
  const row = sweepRow({ ...run, backend: environment.backend }, summary);
  await writeFileAtomically(join(dir, "metrics.csv"), metricsCsv(records));
  await writeJson(join(dir, "summary.json"), summary);
  await writeJson(rowPath, row);
  return row;
}

/** The run to go on with in a folder, if there is one. */
async function earlierRun(
  dir: string,
  { kind, onWarning }: Pick<SweepOptions, "onWarning"> & { kind: string },
): Promise<Run | undefined> {
  if (!hasCheckpoint(dir)) return undefined;
  const run = await reopenRun(dir, [kind]);
  const warning = damageWarning(run);
  if (warning) onWarning?.(warning);
  return run;
}

/** Reports the steps of a stage whose steps train on `batch` slices. */
function stepsReport(
  report: Sweep["report"],
  { stage, batch }: { stage: string; batch: number },
): LoopHooks["onSteps"] {
  return (records, steps) => {
    const last = records.at(-1);
    if (!last) return;
    report(stage, last.step / steps, { loss: last.loss, slices: last.step * batch });
  };
}

/** Makes the folder this sweep's, or finds that it is: of the same plan and the same patients. */
async function claimFolder(
  out: string,
  content: object,
  splits: Map<number, Split>,
): Promise<void> {
  const files: [string, object][] = [
    [join(out, "config.json"), content],
    ...[...splits].map(([seed, split]): [string, object] => [
      join(out, "splits", `seed-${seed}.json`),
      split,
    ]),
  ];
  const present = await Promise.all(files.map(([path]) => readTextIfAny(path)));
  if (files.some(([, value], i) => present[i] !== undefined && present[i] !== json(value))) {
    throw new Error(
      `${out}: holds a sweep of another plan or dataset; choose another --out, or the options ` +
        "that it was started with to continue it",
    );
  }
  if (present.every((text) => text === undefined)) await expectNoRun(out);
  // The plan comes first: by it, whatever a kill leaves is known for this sweep's.
  for (const [path, value] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeJson(path, value);
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFileAtomically(path, json(value));
}

function json(value: object): string {
  return JSON.stringify(value, null, 2) + "\n";
}
