/**
 * Recording a training run in its folder, from its start to however it ends.
 *
 * @module
 */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { type Split, writeSplit } from "../data/datasets/splits.ts";
import type { LoopHooks } from "../training/loop.ts";
import type { QualityRecord } from "../training/quality.ts";
import { type RunInfo, startRun, writeRunInfo } from "./run_folder.ts";
import { runSink } from "./sinks/run_sink.ts";

/** What a run is, before it has run. */
export type RunDescription = Omit<RunInfo, "schema" | "status" | "seconds">;

/** A training, which reports its steps and, if it measures, its representation. */
export type RecordedTraining<T> = (
  onSteps: NonNullable<LoopHooks["onSteps"]>,
  onQuality: (record: QualityRecord) => Promise<void>,
) => Promise<T>;

/** Options of {@linkcode recordRun}. */
export interface RecordRunOptions {
  /** The run's configuration. */
  config: Config;
  /** What it is. */
  description: RunDescription;
  /** Its patients, to be kept as `split.json`. */
  split?: Split;
  /** What was done already, when it goes on. */
  earlier?: { step: number; seconds: number };
  /** Receives every group of records after it was written. */
  onSteps?: LoopHooks["onSteps"];
}

/**
 * Records what `train` reports in a run's folder, and notes in `run.json` how the run ended. The
 * folder is begun with the first steps: what fails before leaves nothing behind.
 */
export async function recordRun<T>(
  dir: string,
  { config, description, split, earlier = { step: 0, seconds: 0 }, onSteps }: RecordRunOptions,
  train: RecordedTraining<T>,
): Promise<T> {
  const started = performance.now();
  const info = (status: RunInfo["status"]): RunInfo => {
    const seconds = Math.round(earlier.seconds + (performance.now() - started) / 1000);
    return { schema: "pix2rep.run/1", ...description, status, seconds };
  };
  const sink = runSink(dir, description.log);
  const begin = async () => {
    await startRun(dir, { config, info: info("running") });
    if (split) await writeSplit(join(dir, "split.json"), split);
    await sink.begin(earlier.step);
  };
  let begun = false;
  try {
    // Measurements follow steps: the folder has begun.
    const onQuality = (record: QualityRecord) => sink.write("quality", [{ ...record }]);
    const result = await train(async (records, steps) => {
      if (!begun) await begin();
      begun = true;
      await sink.write("metrics", records.map((record) => ({ ...record })));
      await onSteps?.(records, steps);
    }, onQuality);
    await writeRunInfo(dir, info("done"));
    return result;
  } catch (error) {
    // Where this fails too, for instance on a full disk, what happened first is what counts.
    if (begun) await writeRunInfo(dir, info("interrupted")).catch(() => {});
    throw error;
  }
}
