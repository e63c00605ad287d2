/**
 * Pretraining on unlabelled slices, whatever the objective.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { withPatches } from "../augmentations/patches.ts";
import { disposeWeights } from "../backbones/weights.ts";
import type { Config } from "../config/config.ts";
import { digestSlices, type SliceStack } from "../data/slices.ts";
import { random } from "../random.ts";
import { drawBatch, imageTensor } from "./batches.ts";
import { type LoopHooks, trainingLoop } from "./loop.ts";
import { imageLevel } from "./objectives/image_level.ts";
import type { Objective } from "./objectives/objective.ts";
import { pixelLevel } from "./objectives/pixel_level.ts";
import { adamState, adamStep, valueAndGradients } from "./optimiser.ts";
import { qualityInspection, type QualityOptions } from "./quality.ts";
import type { Safetensors } from "./safetensors.ts";
import { scheduleFactor } from "./schedule.ts";
import { restoreState, saveState } from "./state.ts";

/** Options of {@linkcode pretrain}. */
export interface PretrainOptions extends Omit<LoopHooks, "save">, QualityOptions {
  /** Number of steps; by default as many as the configuration's epochs take. */
  steps?: number;
  /** The checkpoint to go on from. */
  resume?: Safetensors;
  /** Keeps a checkpoint; called now and then, at the end, and when interrupted. */
  save?: (checkpoint: Safetensors) => Promise<void>;
}

/** Number of steps that some epochs over the slices take. */
export function pretrainingSteps(slices: number, { epochs, batch }: Config["pretraining"]): number {
  return Math.ceil(epochs * slices / batch);
}

/**
 * Pretrains a backbone on unlabelled slices.
 *
 * @returns the last checkpoint: weights `backbone.…` and `projection.…`, and the optimiser's state.
 * @throws {TypeError} when the checkpoint to go on from is of other slices or another architecture.
 * @throws {Error} when the loss is not finite.
 */
export async function pretrain(
  slices: SliceStack,
  config: Config,
  options: PretrainOptions = {},
): Promise<Safetensors> {
  const { pretraining, seed } = config;
  const steps = options.steps ?? pretrainingSteps(slices.count, pretraining);
  const digest = digestSlices(slices);
  const { backbone, network, loss } = objectiveOf(config);
  const state = { weights: network.weights, adam: adamState(network.weights) };
  const checkpoint = async () => {
    const { tensors, metadata } = await saveState(state);
    return { tensors, metadata: { ...metadata, slices: digest } };
  };
  try {
    if (options.resume) {
      expectSameSlices(options.resume, digest);
      restoreState(state, options.resume);
    }
    const step = (n: number) => {
      const learningRate = pretraining.learningRate *
        scheduleFactor(n, { ...pretraining, steps });
      const batch = drawBatch(slices, n, { batch: pretraining.batch, seed });
      const x = tf.tidy(() =>
        withPatches(imageTensor(batch), pretraining.patches, random(seed, "patches", n))
      );
      const { value, gradients } = valueAndGradients(
        network.weights,
        () => loss(x, random(seed, "views", n)),
      );
      adamStep(state, gradients, {
        learningRate: () => learningRate,
        weightDecay: pretraining.optimiser === "adamw" ? pretraining.weightDecay : 0,
      });
      tf.dispose([x, gradients]);
      return { loss: value, learningRate };
    };
    await trainingLoop(steps, {
      ...options,
      from: state.adam.step,
      step,
      inspect: qualityInspection(backbone, slices, {
        ...options,
        every: pretraining.qualityEvery,
        views: config.views,
      }),
      save: async () => await options.save?.(await checkpoint()),
    });
    return await checkpoint();
  } finally {
    for (const weights of [network.weights, state.adam.m, state.adam.v]) disposeWeights(weights);
  }
}

function expectSameSlices({ metadata }: Safetensors, digest: string): void {
  if (metadata.slices === digest) return;
  throw new TypeError(
    "checkpoint: expected the slices that the run began with, found others: go on with the same " +
      "data, or begin a new run",
  );
}

/** The objective of the configured loss. */
function objectiveOf(config: Config): Objective {
  const { loss } = config;
  switch (loss.name) {
    case "info-nce":
    case "barlow-twins":
      return pixelLevel(config, loss);
    case "simclr":
    case "bt-unet":
      return imageLevel(config, loss);
  }
}
