/**
 * Pretraining on unlabelled slices, whatever the objective.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { withPatches } from "../augmentations/patches.ts";
import { type Config, isPixelLoss } from "../config/config.ts";
import { digestSource, readSlices, type SliceSource } from "../data/slices/slice_source.ts";
import { random } from "../math/random.ts";
import { batchPositions, drawnNames, imageTensor } from "./batches.ts";
import { type LoopHooks, trainingLoop } from "./loop.ts";
import { imageLevel } from "./objectives/image_level.ts";
import type { Objective } from "./objectives/objective.ts";
import { pixelLevel } from "./objectives/pixel_level.ts";
import {
  adamState,
  adamStep,
  disposeTraining,
  type TrainingState,
  valueAndGradients,
} from "./optimiser.ts";
import { expectSameFunctions, ownMetadata, type PretrainingFunctions } from "./own_functions.ts";
import { qualityInspection, type QualityOptions, type QualityRecord } from "./quality.ts";
import type { Safetensors } from "./weights/safetensors.ts";
import { scheduleFactor } from "./schedule.ts";
import { expectSameSlices, restoreState, saveState } from "./weights/state.ts";
import { expectTensorsFit } from "./tensor_limit.ts";

/** Options of {@linkcode pretrain}. */
export interface PretrainOptions
  extends Omit<LoopHooks, "save">, QualityOptions, PretrainingFunctions {
  /** Number of steps; by default as many as the configuration's epochs take. */
  steps?: number;
  /** Names a slice by its position, for the error of a loss that is not finite. */
  nameOf?: (position: number) => string;
  /** The checkpoint to go on from. */
  resume?: Safetensors;
  /** Keeps a checkpoint; called now and then, at the end, and when interrupted. */
  save?: (checkpoint: Safetensors) => Promise<void>;
  /** Keeps a checkpoint whose features got the highest `probe_dice` so far; needs `probe`. */
  saveBest?: (checkpoint: Safetensors) => Promise<void>;
}

/** Number of steps that some epochs over the slices take. */
export function pretrainingSteps(slices: number, { epochs, batch }: Config["pretraining"]): number {
  return Math.ceil(epochs * slices / batch);
}

/**
 * Pretrains a backbone on unlabelled slices.
 *
 * @returns the last checkpoint: weights `backbone.…` and `projection.…`, and the optimiser's state.
 * @throws {TypeError} when the checkpoint to go on from is of other slices or another architecture, or
 * of functions of the caller's own that are missing, or not of those that are given.
 * @throws {RangeError} when a tensor would be larger than the backend can use.
 * @throws {Error} when the loss is not finite.
 */
export async function pretrain(
  slices: SliceSource,
  config: Config,
  options: PretrainOptions = {},
): Promise<Safetensors> {
  const { seed, views, pretraining: { batch, qualityEvery: every } } = config;
  expectTensorsFit(config, batch, slices.channels);
  const { steps = pretrainingSteps(slices.count, config.pretraining) } = options;
  const { resume, onQuality, onBatch, nameOf } = options;
  const digest = digestSource(slices);
  const started = startPretraining(config, slices.channels, options);
  const { state, objective: { backbone } } = started;
  let best = resume?.metadata.best;
  const checkpoint = async () => {
    const { tensors, metadata } = await saveState(state);
    const kept = { slices: digest, ...ownMetadata(options), ...(best && { best }) };
    return { tensors, metadata: { ...metadata, ...kept } };
  };
  const measured = onQuality && (async (record: QualityRecord) => {
    await onQuality(record);
    if (record.probe_dice === undefined || record.probe_dice <= Number(best ?? -1)) return;
    best = `${record.probe_dice}`;
    await options.saveBest?.(await checkpoint());
  });
  try {
    if (resume) {
      expectSameFunctions(resume, options);
      restoreSame(state, resume, digest);
    }
    await trainingLoop(steps, {
      ...options,
      from: state.adam.step,
      step: (step) => pretrainingStep(started, slices, { config, step, steps, onBatch }),
      drawn: (step) => drawnNames(step, slices.count, { batch, seed, nameOf }),
      inspect: qualityInspection(backbone, slices, {
        ...options,
        every,
        views,
        onQuality: measured,
      }),
      save: async () => await options.save?.(await checkpoint()),
    });
    return await checkpoint();
  } finally {
    disposeTraining(state);
  }
}

/** Takes up the state of a checkpoint that saw the same slices. */
function restoreSame(state: TrainingState, resume: Safetensors, digest: string): void {
  expectSameSlices(resume, digest);
  restoreState(state, resume);
}

/** A pretraining that has begun: what is minimised, and what changes by it. */
export interface StartedPretraining {
  /** The networks and the loss. */
  objective: Objective;
  /** The weights and the optimiser's state; freed by {@linkcode disposeTraining}. */
  state: TrainingState;
}

/**
 * Initial weights, and an optimiser that remembers nothing yet.
 *
 * @param channels Of the slices; 1 by default.
 * @param own Functions of the caller's own.
 */
export function startPretraining(
  config: Config,
  channels = 1,
  own: PretrainingFunctions = {},
): StartedPretraining {
  const objective = objectiveOf(config, channels, own);
  const { weights } = objective.network;
  return { objective, state: { weights, adam: adamState(weights) } };
}

/**
 * Takes one step of pretraining: views of the step's slices, their loss, an update.
 *
 * @param step Number of the step, from 1, of `steps` in all.
 * @returns the loss, to be disposed of by the caller, and the step's learning rate.
 */
export function pretrainingStep(
  { objective, state }: StartedPretraining,
  slices: SliceSource,
  { config: { pretraining, seed }, step, steps, onBatch }: Pick<PretrainingFunctions, "onBatch"> & {
    config: Config;
    step: number;
    steps: number;
  },
): { loss: tf.Scalar; learningRate: number } {
  const learningRate = pretraining.learningRate * scheduleFactor(step, { ...pretraining, steps });
  const positions = batchPositions(step, slices.count, { batch: pretraining.batch, seed });
  const batch = readSlices(slices, positions);
  const x = tf.tidy(() =>
    withPatches(imageTensor(batch), pretraining.patches, random(seed, "patches", step))
  );
  const { value, gradients } = valueAndGradients(
    state.weights,
    () =>
      objective.loss(
        x,
        random(seed, "views", step),
        (view) => onBatch?.({ step, positions, view }),
      ),
  );
  adamStep(state, gradients, {
    learningRate: () => learningRate,
    weightDecay: pretraining.optimiser === "adamw" ? pretraining.weightDecay : 0,
  });
  tf.dispose([x, gradients]);
  return { loss: value, learningRate };
}

/** The objective of the configured loss. */
function objectiveOf(config: Config, channels: number, own: PretrainingFunctions): Objective {
  const { loss } = config;
  return isPixelLoss(loss)
    ? pixelLevel(config, loss, channels, own)
    : imageLevel(config, loss, channels, own);
}
