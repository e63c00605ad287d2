/**
 * Adaptation to a few labelled patients: from scratch, as a linear probe, or by fine-tuning.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { supervisedView } from "../augmentations/views.ts";
import { createBackbone } from "../backbones/create_backbone.ts";
import { segmentationHead } from "../backbones/heads.ts";
import { sequence } from "../backbones/sequence.ts";
import { disposeWeights, type Network } from "../backbones/weights.ts";
import type { Config } from "../config/config.ts";
import type { SliceStack } from "../data/slices.ts";
import { diceCrossEntropy, softDice } from "../losses/segmentation.ts";
import { random } from "../random.ts";
import { drawBatch, imageTensor, labelTensor } from "./batches.ts";
import { exportWeights, importWeights } from "./checkpoint.ts";
import { type LoopHooks, trainingLoop } from "./loop.ts";
import { adamState, adamStep, valueAndGradients } from "./optimiser.ts";
import type { Safetensors } from "./safetensors.ts";
import { scheduleFactor } from "./schedule.ts";

/**
 * How a model comes to its labels: `scratch` trains random weights, `probe` a linear head on a
 * frozen backbone whose batch norm is in evaluation mode, `finetune` the pretrained backbone and a
 * new head.
 */
export type Strategy = "scratch" | "probe" | "finetune";

/** Every strategy. */
export const STRATEGIES: readonly Strategy[] = ["scratch", "probe", "finetune"];

/** Options of {@linkcode adapt}. */
export interface AdaptOptions extends Omit<LoopHooks, "save"> {
  /** How to adapt. */
  strategy: Strategy;
  /** Number of classes, the background included. */
  classes: number;
  /** The pretraining's checkpoint, with weights `backbone.…`; needed by all but `scratch`. */
  pretrained?: Safetensors;
}

/**
 * Adapts to labelled slices.
 *
 * @returns the model's checkpoint: weights `backbone.…` and `head.…`.
 * @throws {TypeError} if the slices have no labels, or a pretraining is missing or does not fit.
 */
export async function adapt(
  slices: SliceStack,
  config: Config,
  { strategy, classes, pretrained, ...hooks }: AdaptOptions,
): Promise<Safetensors> {
  const { adaptation, seed } = config;
  const backbone = createBackbone(config.backbone, { seed });
  const head = segmentationHead({ from: backbone.features, classes, seed });
  const model = sequence({ backbone, head });
  const frozen = strategy === "probe";
  const trained = frozen ? sequence({ head }) : model;
  const adam = adamState(trained.weights);
  const rates = learningRates(adaptation, strategy);
  const lossOf = adaptation.loss === "dice" ? softDice : diceCrossEntropy;
  try {
    if (strategy !== "scratch") {
      if (!pretrained) {
        throw new TypeError(
          `${strategy}: expected a pretraining, found none: name one, or scratch`,
        );
      }
      importWeights(sequence({ backbone }).weights, pretrained.tensors, "pretraining");
    }
    const step = (n: number) => {
      const factor = scheduleFactor(n, {
        schedule: adaptation.schedule,
        steps: adaptation.iterations,
        warmup: 0,
      });
      const view = drawView(slices, n, { config, classes });
      const input = frozen ? backbone.forward(view.images, { training: false }) : view.images;
      const { value, gradients } = valueAndGradients(
        trained.weights,
        () => lossOf(trained.forward(input, { training: !frozen }), view.labels),
      );
      adamStep({ weights: trained.weights, adam }, gradients, {
        learningRate: (name) => factor * (name.startsWith("head.") ? rates.head : rates.backbone),
      });
      tf.dispose([view.images, view.labels, input, gradients]);
      return { loss: value, learningRate: factor * rates.head };
    };
    await trainingLoop(adaptation.iterations, { ...hooks, from: 0, step });
    return { tensors: await exportWeights(model.weights), metadata: {} };
  } finally {
    for (const weights of [model.weights, adam.m, adam.v]) disposeWeights(weights);
  }
}

/**
 * The segmentation model of a checkpoint that {@linkcode adapt} made.
 *
 * @throws {TypeError} if the checkpoint is of another architecture.
 */
export function segmentationModel(
  { tensors }: Safetensors,
  { config, classes, source }: { config: Config; classes: number; source: string },
): Network {
  const backbone = createBackbone(config.backbone);
  const head = segmentationHead({ from: backbone.features, classes });
  const model = sequence({ backbone, head });
  try {
    importWeights(model.weights, tensors, source);
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  }
  return model;
}

function learningRates(
  { scratch, probe, finetune }: Config["adaptation"],
  strategy: Strategy,
): { backbone: number; head: number } {
  if (strategy === "finetune") {
    return { backbone: finetune.backboneLearningRate, head: finetune.headLearningRate };
  }
  const { learningRate } = strategy === "probe" ? probe : scratch;
  return { backbone: learningRate, head: learningRate };
}

/** The slices of a step as the network sees them. */
function drawView(
  slices: SliceStack,
  step: number,
  { config: { adaptation, seed }, classes }: { config: Config; classes: number },
): { images: tf.Tensor4D; labels: tf.Tensor4D } {
  return tf.tidy(() => {
    const batch = drawBatch(slices, step, { batch: adaptation.batch, seed });
    const labelled = { images: imageTensor(batch), labels: labelTensor(batch, classes) };
    return { ...supervisedView(labelled, adaptation.views, random(seed, "labelled views", step)) };
  });
}
