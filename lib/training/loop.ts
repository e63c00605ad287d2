/**
 * The training loop: steps, losses read in groups, checkpoints, an end on request.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { DivergenceError } from "./divergence.ts";

/** One line of `metrics.jsonl`. */
export interface StepRecord {
  /** Number of the step, from 1. */
  step: number;
  /** The loss before the step's update. */
  loss: number;
  /** The step's learning rate; of the head where there are several. */
  learning_rate: number;
}

/** What a caller may follow and steer. */
export interface LoopHooks {
  /** Receives the records of the steps since the last call. */
  onSteps?: (records: StepRecord[], steps: number) => void | Promise<void>;
  /** Saves the state after a step; called now and then, at the end, and when interrupted. */
  save?: (step: number) => Promise<void>;
  /** Seconds between two saves; 30 by default. */
  saveEvery?: number;
  /** Ends the loop after the current step, saved. */
  signal?: AbortSignal;
}

/** What the loop runs. */
export interface LoopOptions extends LoopHooks {
  /** The last step taken already; 0 for a new run. */
  from: number;
  /** Takes a step and returns its loss, to be disposed of by the loop, and its learning rate. */
  step: (step: number) => { loss: tf.Scalar; learningRate: number };
  /** Names what a step was trained on, for the error of a loss that is not finite. */
  drawn?: (step: number) => string;
  /** Looks at the state, without changing it, after every step that is a multiple of `every`. */
  inspect?: { every: number; look: (step: number) => Promise<void> };
}

/** A read of the loss waits for a GPU, so that losses are read together. */
const STEPS_PER_READ = 10;

/** Seconds between two saves, where nothing else is asked for. */
const SAVE_INTERVAL = 30;

/**
 * Runs the steps `from + 1` to `steps`.
 *
 * @throws {DivergenceError} when a loss is not finite; what was saved before stays.
 * @throws The signal's reason when interrupted.
 */
export async function trainingLoop(
  steps: number,
  { from, step, drawn, inspect, onSteps, save, saveEvery = SAVE_INTERVAL, signal }: LoopOptions,
): Promise<void> {
  let saved = performance.now();
  for (let first = from + 1, last; first <= steps; first = last + 1) {
    const inspected = inspect ? Math.ceil(first / inspect.every) * inspect.every : steps;
    last = Math.min(steps, first + STEPS_PER_READ - 1, inspected);
    const taken: { step: number; loss: tf.Scalar; learningRate: number }[] = [];
    for (let n = first; n <= last && !signal?.aborted; n++) {
      taken.push({ step: n, ...step(n) });
      // Lets signals and timers have their turn.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const records = await readLosses(taken);
    const failed = records.findIndex(({ loss }) => !Number.isFinite(loss));
    await onSteps?.(failed < 0 ? records : records.slice(0, failed), steps);
    if (failed >= 0) throw divergence(records[failed], drawn);
    const done = records.at(-1)?.step ?? first - 1;
    // Before it is saved: a run that goes on from there has this measurement.
    if (inspect && records.length && done % inspect.every === 0) await inspect.look(done);
    if (signal?.aborted || done === steps || performance.now() - saved >= saveEvery * 1000) {
      await save?.(done);
      saved = performance.now();
    }
    signal?.throwIfAborted();
  }
}

async function readLosses(
  taken: { step: number; loss: tf.Scalar; learningRate: number }[],
): Promise<StepRecord[]> {
  if (taken.length === 0) return [];
  const stacked = tf.stack(taken.map(({ loss }) => loss));
  const losses = await stacked.data();
  tf.dispose([stacked, taken.map(({ loss }) => loss)]);
  return taken.map(({ step, learningRate }, i) => ({
    step,
    loss: losses[i],
    learning_rate: learningRate,
  }));
}

function divergence(
  { step, loss, learning_rate }: StepRecord,
  drawn?: LoopOptions["drawn"],
): DivergenceError {
  const rate = Number(learning_rate.toPrecision(3));
  const trainedOn = drawn ? `; trained on ${drawn(step)}` : "";
  return new DivergenceError(
    `the loss became ${loss} at step ${step} (learning rate ${rate}${trainedOn}): try a lower ` +
      "learning rate, or look at those slices; what was saved is from before",
  );
}
