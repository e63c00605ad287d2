/**
 * Pix2Rep's pretraining: pixel features that follow a slice's transforms (equivariance) and ignore
 * its intensities (invariance).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { withPatches } from "../augmentations/patches.ts";
import { drawViews } from "../augmentations/views.ts";
import { createBackbone } from "../backbones/create_backbone.ts";
import { projectionHead } from "../backbones/heads.ts";
import { sequence } from "../backbones/sequence.ts";
import { disposeWeights, type Network } from "../backbones/weights.ts";
import type { Config } from "../config/config.ts";
import { digestSlices, type SliceStack } from "../data/slices.ts";
import { barlowTwins } from "../losses/barlow_twins.ts";
import { infoNce } from "../losses/info_nce.ts";
import { samplePixels } from "../losses/sample_pixels.ts";
import { gatherRows } from "../ops/gather_rows.ts";
import { gridSample } from "../ops/grid_sample.ts";
import { type Random, random } from "../random.ts";
import { drawBatch, imageTensor } from "./batches.ts";
import { type LoopHooks, trainingLoop } from "./loop.ts";
import { adamState, adamStep, valueAndGradients } from "./optimiser.ts";
import type { Safetensors } from "./safetensors.ts";
import { scheduleFactor } from "./schedule.ts";
import { restoreState, saveState } from "./state.ts";

/** Options of {@linkcode pretrain}. */
export interface PretrainOptions extends Omit<LoopHooks, "save"> {
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
  const network = pretrainingNetwork(config);
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
        () => pretrainingLoss(network, x, { config, random: random(seed, "views", n) }),
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

/** Backbone and projection head, with the configuration's sizes and seed. */
function pretrainingNetwork({ backbone, projection, seed }: Config): Network {
  return sequence({
    backbone: createBackbone(backbone, { seed }),
    projection: projectionHead({ ...projection, from: backbone.features, seed }),
  });
}

/**
 * The loss of a batch: v = t(x) and v' = φ(t'(x)), the projections of v warped by φ, and both
 * compared pixel by pixel. The first view's features are warped, not the second's: equivariance.
 *
 * @param x [batch, size, size, 1].
 */
export function pretrainingLoss(
  network: Network,
  x: tf.Tensor4D,
  { config: { views, loss }, random }: { config: Config; random: Random },
): tf.Scalar {
  return tf.tidy(() => {
    const compare = (u: tf.Tensor2D, v: tf.Tensor2D, mask?: tf.Tensor1D) =>
      loss.name === "info-nce"
        ? infoNce(u, v, { temperature: loss.temperature, mask })
        : barlowTwins(u, v, { lambda: loss.lambda, mask });
    const { first, second, grid, inside } = drawViews(x, views, random);
    const z1 = rows(gridSample(network.forward(first, { training: true }), grid));
    const z2 = rows(network.forward(second, { training: true }));
    const masked = loss.fieldOfView === "mask";
    if (loss.pixels === "all") {
      return compare(z1, z2, masked ? tf.tensor1d(Float32Array.from(inside)) : undefined);
    }
    const sample = samplePixels(loss.pixels, masked ? inside : inside.length, random);
    const indices = tf.tensor1d(sample.indices, "int32");
    return compare(gatherRows(z1, indices), gatherRows(z2, indices), tf.tensor1d(sample.mask));
  });
}

/** All pixels of the batch: [pixels, channels]. */
function rows(z: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(z, [-1, z.shape[3]]);
}
