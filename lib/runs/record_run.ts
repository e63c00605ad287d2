/**
 * Recording a training run in its folder, from its start to however it ends.
 *
 * @module
 */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Dataset } from "../data/datasets/dataset.ts";
import { type Split, writeSplit } from "../data/datasets/splits.ts";
import { type Plan, writePlan } from "../plan/plan.ts";
import type { LoopHooks } from "../training/loop.ts";
import type { QualityRecord } from "../training/quality.ts";
import type { ValidationRecord } from "../training/validation.ts";
import {
  peakMemoryGb,
  type Provenance,
  provenanceOf,
  type StartedBy,
  utcNow,
} from "./provenance.ts";
import { type Run, type RunInfo, startRun, writeRunInfo } from "./run_folder.ts";
import { runSink } from "./sinks/run_sink.ts";

/** What a run is, beside its data and where it computes. */
export type RunDescription = Pick<
  RunInfo,
  | ("kind" | "structures" | "regions" | "steps" | "probe" | "patients" | "own")
  | ("validation" | "folds" | "chooseCleaning" | "seen")
>;

/** A training, which reports its steps and what it measures: its representation, or its masks. */
export type RecordedTraining<T> = (
  onSteps: NonNullable<LoopHooks["onSteps"]>,
  onQuality: (record: QualityRecord) => Promise<void>,
  onValidation: (record: ValidationRecord) => Promise<void>,
) => Promise<T>;

/** What every run is recorded with. */
export interface RecordingOptions {
  /** The dataset that it is trained on. */
  dataset: Dataset;
  /** Its patients, kept as `split.json`. */
  split: Split;
  /** Every setting. */
  config: Config;
  /** How they were planned, where they were; kept as `auto.json`. */
  plan?: Plan;
  /** Where it computes, and how it was started. */
  environment: Pick<RunInfo, "backend" | "deno"> & StartedBy;
  /** Where its metrics go besides JSON lines. */
  log?: RunInfo["log"];
  /** The run in the folder, when that goes on. */
  earlier?: Run;
  /** Receives every group of records after it was written. */
  onSteps?: LoopHooks["onSteps"];
}

/** Options of {@linkcode recordRun}. */
export interface RecordRunOptions<T> extends RecordingOptions {
  /** What the run is. */
  description: RunDescription;
  /** The digest of its slices, by what the training came to. */
  slicesOf?: (result: T) => string | undefined;
}

/**
 * Records what `train` reports in a run's folder, and notes in `run.json` how the run ended. The
 * folder is begun with the first steps: what fails before leaves nothing behind.
 */
export async function recordRun<T>(
  dir: string,
  { config, plan, split, earlier, onSteps, slicesOf, ...options }: RecordRunOptions<T>,
  train: RecordedTraining<T>,
): Promise<T> {
  const started = performance.now();
  const before = progressOf(earlier);
  const facts = runFacts(options, earlier?.info);
  const origin = provenanceOf(options.environment, earlier?.info.provenance?.began);
  const note = (status: RunInfo["status"], end: Pick<Provenance, "ended" | "slices"> = {}) => ({
    ...{ schema: "pix2rep.run/1" as const, ...facts, status },
    provenance: {
      ...{ ...origin, ...end },
      machine: { ...origin.machine, peak_memory_gb: peakMemoryGb() },
    },
    seconds: Math.round(before.seconds + (performance.now() - started) / 1000),
  });
  const sink = runSink(dir, options.log);
  const begin = async () => {
    await startRun(dir, { config, info: note("running") });
    await writeSplit(join(dir, "split.json"), split);
    if (plan) await writePlan(join(dir, "auto.json"), plan);
    await sink.begin(before.step);
  };
  let begun = false;
  try {
    // Measurements follow steps: the folder has begun.
    const onQuality = (record: QualityRecord) => sink.write("quality", [{ ...record }]);
    const onValidation = (record: ValidationRecord) => sink.write("validation", [{ ...record }]);
    const takeSteps: NonNullable<LoopHooks["onSteps"]> = async (records, steps) => {
      if (!begun) await begin();
      begun = true;
      await sink.write("metrics", records.map((record) => ({ ...record })));
      await onSteps?.(records, steps);
    };
    const result = await train(takeSteps, onQuality, onValidation);
    const slices = slicesOf?.(result);
    await writeRunInfo(dir, note("done", { ended: utcNow(), ...(slices && { slices }) }));
    return result;
  } catch (error) {
    // Where this fails too, for instance on a full disk, what happened first is what counts.
    if (begun) await writeRunInfo(dir, note("interrupted", { ended: utcNow() })).catch(() => {});
    throw error;
  }
}

/** What `run.json` tells from the start to the end, among it how others are to be read alike. */
function runFacts(
  {
    description: { kind, structures, regions, steps, seen, ...counts },
    dataset: { name, channels, order, pseudonyms },
    environment: { backend, deno },
    log,
  }: Pick<RecordRunOptions<unknown>, "description" | "dataset" | "environment" | "log">,
  earlier?: RunInfo,
): Omit<RunInfo, "schema" | "status" | "seconds" | "provenance"> {
  // A run that goes on was told at its start what it starts from.
  const known = earlier?.seen ?? seen;
  return {
    kind,
    dataset: name,
    ...(channels && channels.length > 1 && { channels: [...channels] }),
    ...(order && { order }),
    ...(pseudonyms && { pseudonyms: true as const }),
    structures,
    ...(regions && { regions }),
    ...{ steps, backend, deno, ...counts },
    ...(log && { log }),
    ...(known && { seen: known }),
  };
}

/** What a run did until its checkpoint. */
function progressOf(run?: Run): { step: number; seconds: number } {
  if (!run) return { step: 0, seconds: 0 };
  const { checkpoint, info } = run;
  return { step: Number(checkpoint.metadata.step ?? info.steps), seconds: info.seconds };
}
