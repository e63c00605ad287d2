/**
 * Recording a training run in its folder, from its start to however it ends.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { LoopHooks } from "./loop.ts";
import { appendSteps, type RunInfo, startRun, truncateSteps, writeRunInfo } from "./run_folder.ts";

/** What a run is, before it has run. */
export type RunDescription = Omit<RunInfo, "schema" | "status" | "seconds">;

/** Options of {@linkcode recordRun}. */
export interface RecordRunOptions {
  /** The run's configuration. */
  config: Config;
  /** What it is. */
  description: RunDescription;
  /** What was done already, when it goes on. */
  earlier?: { step: number; seconds: number };
  /** Receives every group of records after it was written. */
  onSteps?: LoopHooks["onSteps"];
}

/**
 * Starts a run's folder, records the steps that `train` reports, and notes in `run.json` how the run
 * ended.
 */
export async function recordRun<T>(
  dir: string,
  { config, description, earlier = { step: 0, seconds: 0 }, onSteps }: RecordRunOptions,
  train: (onSteps: NonNullable<LoopHooks["onSteps"]>) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const note = (status: RunInfo["status"]) => {
    const seconds = earlier.seconds + (performance.now() - started) / 1000;
    return writeRunInfo(dir, {
      schema: "pix2rep.run/1",
      ...description,
      status,
      seconds: Math.round(seconds),
    });
  };
  await startRun(dir, config);
  await note("running");
  await truncateSteps(dir, earlier.step);
  try {
    const result = await train(async (records, steps) => {
      await appendSteps(dir, records);
      await onSteps?.(records, steps);
    });
    await note("done");
    return result;
  } catch (error) {
    await note("interrupted");
    throw error;
  }
}
