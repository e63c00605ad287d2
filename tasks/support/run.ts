/**
 * A training task's run, shown while it is recorded.
 *
 * @module
 */
import {
  type RecordedTraining,
  recordRun,
  type RecordRunOptions,
} from "../../lib/training/record_run.ts";
import type { LoopHooks } from "../../lib/training/loop.ts";
import { duration, progress } from "./progress.ts";

/** Options of {@linkcode showRun}. */
export interface ShowRunOptions extends Omit<RecordRunOptions, "onSteps"> {
  /** Slices per step, for the rate that is shown. */
  batch: number;
}

/** Runs and records a training with its progress on display. */
export async function showRun<T>(
  dir: string,
  { batch, ...options }: ShowRunOptions,
  train: RecordedTraining<T>,
): Promise<T> {
  const { kind, backend } = options.description;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const display = progress();
  const onSteps: LoopHooks["onSteps"] = (records, steps) => {
    const last = records.at(-1);
    if (!last) return;
    const rate = (last.step - (options.earlier?.step ?? 0)) * batch / seconds();
    const state = `step ${last.step} of ${steps}  loss ${last.loss.toFixed(4)}`;
    display.update(last.step / steps, `${state}  ${rate.toFixed(1)} slices/s  ${backend}`);
  };
  try {
    const result = await recordRun(dir, { ...options, onSteps }, train);
    display.end();
    console.log(`${kind}: ${duration(seconds())}, written to ${dir}`);
    return result;
  } finally {
    display.end();
  }
}
