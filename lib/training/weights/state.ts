/**
 * A training run's state as a checkpoint, and back: weights, Adam's moments, the step. Random
 * numbers need no state: each step's are named by its number.
 *
 * @module
 */
import { exportWeights, importWeights, prefixed, withPrefix } from "./weight_tensors.ts";
import type { TrainingState } from "../optimiser.ts";
import type { Safetensors } from "./safetensors.ts";

const FIRST_MOMENT = "optimiser.m.";
const SECOND_MOMENT = "optimiser.v.";

/** The state as a checkpoint. */
export async function saveState({ weights, adam }: TrainingState): Promise<Safetensors> {
  const [values, m, v] = await Promise.all([weights, adam.m, adam.v].map(exportWeights));
  return {
    tensors: { ...values, ...prefixed(FIRST_MOMENT, m), ...prefixed(SECOND_MOMENT, v) },
    metadata: { step: `${adam.step}` },
  };
}

/**
 * Puts a run into the state of a checkpoint.
 *
 * @throws {TypeError} if the checkpoint is of another architecture or not of a training run.
 */
export function restoreState(state: TrainingState, { tensors, metadata }: Safetensors): void {
  const step = Number(metadata.step);
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new TypeError(`checkpoint: expected a step to go on from, found "${metadata.step}"`);
  }
  importWeights(state.weights, tensors, "checkpoint");
  importWeights(state.adam.m, withPrefix(FIRST_MOMENT, tensors), "checkpoint");
  importWeights(state.adam.v, withPrefix(SECOND_MOMENT, tensors), "checkpoint");
  state.adam.step = step;
}

/**
 * Makes sure that a run goes on with the slices that it began with.
 *
 * @param digest Of the slices; as it was kept in the checkpoint's metadata.
 * @throws {TypeError} if they are others.
 */
export function expectSameSlices({ metadata }: Safetensors, digest: string): void {
  if (metadata.slices === digest) return;
  throw new TypeError(
    "checkpoint: expected the slices that the run began with, found others: go on with the same " +
      "data, or begin a new run",
  );
}
