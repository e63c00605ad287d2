/**
 * The label-efficiency sweep: pretrain once per pretraining, then adapt to few patients and test,
 * for every strategy, number of patients and seed. What is done already is not done again.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { disposeWeights } from "../backbones/weights.ts";
import type { Config } from "../config/config.ts";
import { type CohortScan, loadCohort } from "../data/cohort.ts";
import type { Dataset } from "../data/dataset.ts";
import { readTextIfAny } from "../data/files.ts";
import { stackSlices } from "../data/slices.ts";
import { type Split, splitPatients } from "../data/splits.ts";
import { writeFileAtomically } from "../data/write_file.ts";
import { evaluateModel } from "../evaluators/evaluate.ts";
import { metricsCsv, summarise } from "../evaluators/summary.ts";
import { adapt, segmentationModel } from "../training/adapt.ts";
import type { StepRecord } from "../training/loop.ts";
import { pretrain, pretrainingSteps } from "../training/pretrain.ts";
import { recordRun, type RunDescription } from "../training/record_run.ts";
import { checkpointPath, expectNoRun, keepCheckpoint, openRun } from "../training/run_folder.ts";
import type { Safetensors } from "../training/safetensors.ts";
import {
  type PlannedRun,
  plannedRuns,
  pretrainingName,
  runFolder,
  runTitle,
  type SweepPlan,
} from "./plan.ts";
import { type SweepResult, sweepResult, type SweepRow, sweepRow } from "./result.ts";

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
}

/** Options of {@linkcode runSweep}. */
export interface SweepOptions {
  /** The folder of the sweep; one that holds the same sweep is continued. */
  out: string;
  /** Where it computes, for the record. */
  environment: Pick<RunDescription, "backend" | "deno">;
  /** Follows the sweep. */
  onProgress?: (progress: SweepProgress) => void;
  /** Ends the sweep after the current step. */
  signal?: AbortSignal;
}

/** What the parts of a sweep share. */
interface Sweep extends SweepOptions {
  dataset: Dataset;
  /** Reports the progress of the current stage. */
  report: (stage: string, fraction: number, loss?: number) => void;
}

/**
 * Runs a sweep, or what is left of it.
 *
 * @returns the content of `result.json`, written to `out`.
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
  const runs = plannedRuns(plan);
  const splits = new Map(plan.seeds.map((seed) => [
    seed,
    splitPatients(dataset, { seed, sizes: plan.patients }),
  ]));
  const needsPretraining = plan.strategies.some((strategy) => strategy !== "scratch");
  const configs = needsPretraining ? plan.configs : [];
  const { pool, test } = splits.get(plan.seeds[0])!;
  const chosen = [...splits.values()].flatMap(({ subsets }) => Object.values(subsets).flat());
  const { grid } = plan.configs[0];
  const load = (patients: string[], labelled: boolean) =>
    loadCohort(dataset, patients, {
      grid,
      labelled,
      onScan: () => options.signal?.throwIfAborted(),
    });
  // All is read before anything is written: a file that cannot be used leaves no half sweep behind.
  const unlabelledScans = needsPretraining ? await load(pool, false) : [];
  const labelledScans = await load(chosen, true);
  const testScans = await load(test, true);
  await claimFolder(options.out, { dataset: dataset.name, plan }, splits);
  const slices = unlabelledScans.reduce((sum, { slices }) => sum + slices.depth, 0);
  // Slices that pass the network in each stage: two views in pretraining, one in adaptation.
  const work = [
    ...configs.map(({ pretraining }) =>
      2 * pretrainingSteps(slices, pretraining) * pretraining.batch
    ),
    ...runs.map(({ config: { adaptation } }) => adaptation.iterations * adaptation.batch),
  ];
  const passed = (stages: number[]) => stages.reduce((sum, slices) => sum + slices, 0);
  let part = 0;
  const sweep: Sweep = {
    ...options,
    dataset,
    report: (stage, fraction, loss) => {
      const done = passed(work.slice(0, part - 1)) + fraction * work[part - 1];
      const progress = { stage, part, parts: work.length, fraction: done / passed(work), loss };
      options.onProgress?.(progress);
    },
  };
  const pretrained = new Map<string, Safetensors>();
  for (const config of configs) {
    part++;
    const checkpoint = await sweepPretraining(sweep, { config, scans: unlabelledScans });
    pretrained.set(pretrainingName(config), checkpoint);
  }
  const rows: SweepRow[] = [];
  for (const run of runs) {
    part++;
    const patients = splits.get(run.seed)!.subsets[run.patients];
    const scans = labelledScans.filter(({ patient }) => patients.includes(patient));
    const checkpoint = pretrained.get(run.pretraining);
    rows.push(await sweepRun(sweep, { run, scans, testScans, pretrained: checkpoint }));
  }
  const result = sweepResult(rows, { dataset: dataset.name, config: plan });
  await writeJson(join(options.out, "result.json"), result);
  return result;
}

/** Pretrains, or goes on, or reads what is there. */
async function sweepPretraining(
  { dataset, out, environment, report, signal }: Sweep,
  { config, scans }: { config: Config; scans: CohortScan[] },
): Promise<Safetensors> {
  const dir = join(out, "pretraining", pretrainingName(config));
  const stage = `pretraining ${pretrainingName(config)}`;
  report(stage, 0);
  const earlier = await readTextIfAny(checkpointPath(dir)) === undefined
    ? undefined
    : await openRun(dir);
  if (earlier?.info.status === "done") return earlier.checkpoint;
  const slices = stackSlices(scans.map(({ slices }) => slices));
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
    earlier: earlier &&
      { step: Number(earlier.checkpoint.metadata.step), seconds: earlier.info.seconds },
    onSteps: (records, steps) => reportSteps(report, { stage, records, steps }),
  }, (onSteps, onQuality) =>
    pretrain(slices, config, {
      resume: earlier?.checkpoint,
      signal,
      onSteps,
      onQuality,
      save: (checkpoint) => keepCheckpoint(dir, checkpoint),
    }));
}

/** Adapts and tests one model, or reads its row. */
async function sweepRun(
  { dataset, out, environment, report, signal }: Sweep,
  { run, scans, testScans, pretrained }: {
    run: PlannedRun;
    scans: CohortScan[];
    testScans: CohortScan[];
    pretrained?: Safetensors;
  },
): Promise<SweepRow> {
  const { config, strategy } = run;
  const dir = join(out, runFolder(run));
  const stage = runTitle(run);
  report(stage, 0);
  const done = await readTextIfAny(join(dir, "row.json"));
  if (done !== undefined) return JSON.parse(done);
  const { structures } = dataset;
  const classes = structures.length + 1;
  const description = {
    kind: strategy,
    dataset: dataset.name,
    structures,
    steps: config.adaptation.iterations,
    ...environment,
  };
  const checkpoint = await recordRun(dir, {
    config,
    description,
    onSteps: (records, steps) => reportSteps(report, { stage, records, steps }),
  }, async (onSteps) => {
    const slices = stackSlices(scans.map(({ slices }) => slices));
    const hooks = { signal, onSteps };
    const adapted = await adapt(slices, config, { strategy, classes, pretrained, ...hooks });
    await keepCheckpoint(dir, adapted);
    return adapted;
  });
  const model = segmentationModel(checkpoint, { config, classes, source: dir });
  const onScan = () => signal?.throwIfAborted();
  const records = await evaluateModel(model, testScans, { structures, onScan });
  disposeWeights(model.weights);
  const summary = summarise(records);
  const row = sweepRow(run, summary);
  await writeFileAtomically(join(dir, "metrics.csv"), metricsCsv(records));
  await writeJson(join(dir, "summary.json"), summary);
  await writeJson(join(dir, "row.json"), row);
  return row;
}

function reportSteps(
  report: Sweep["report"],
  { stage, records, steps }: { stage: string; records: StepRecord[]; steps: number },
): void {
  const last = records.at(-1);
  if (last) report(stage, last.step / steps, last.loss);
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
  await mkdir(join(out, "splits"), { recursive: true });
  for (const [path, value] of files) await writeJson(path, value);
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFileAtomically(path, json(value));
}

function json(value: object): string {
  return JSON.stringify(value, null, 2) + "\n";
}
