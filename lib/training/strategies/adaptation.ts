/**
 * What the strategies of adaptation share: what they are given, views of labelled slices, and
 * training on them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type SupervisedView, supervisedView } from "../../augmentations/views.ts";
import { disposeWeights, type Weights } from "../../backbones/weights.ts";
import type { Config } from "../../config/config.ts";
import { type SliceStack, takeSlices } from "../../data/slices/slices.ts";
import { diceCrossEntropy, softDice } from "../../losses/segmentation.ts";
import { random } from "../../math/random.ts";
import { batchPositions, drawnNames, imageTensor, knownTensor, labelTensor } from "../batches.ts";
import { type LoopHooks, trainingLoop } from "../loop.ts";
import type { AdaptationFunctions } from "../own_functions.ts";
import { adamState, adamStep, valueAndGradients } from "../optimiser.ts";
import { scheduleFactor } from "../schedule.ts";
import type { HostTensor, Safetensors } from "../weights/safetensors.ts";
import type { SegmentationNetwork } from "../weights/segmentation_model.ts";
import { restoreState, saveState } from "../weights/state.ts";
import { type Validation, validationInspection } from "../validation.ts";
import { exportWeights } from "../weights/weight_tensors.ts";

/** What a strategy is given. */
export interface Adaptation {
  /** Slices with labels. */
  slices: SliceStack;
  /** The configuration. */
  config: Config;
  /** Number of classes, the background included. */
  classes: number;
  /** The network to adapt. */
  model: SegmentationNetwork;
  /** Whether its backbone is pretrained. */
  pretrained: boolean;
  /** Slices without labels. */
  unlabelled?: SliceStack;
  /** Functions of the caller's own. */
  own?: AdaptationFunctions;
  /** What the caller follows and steers. */
  hooks: Omit<LoopHooks, "save">;
  /** Names a labelled slice by its position, for the error of a loss that is not finite. */
  nameOf?: (position: number) => string;
  /** What the training is watched on; nothing by default. */
  validation?: Validation;
  /** The checkpoint to go on from; its weights of `model` are restored already. */
  resume?: Safetensors;
  /** Keeps a checkpoint to go on from. */
  save?: (checkpoint: Safetensors) => Promise<void>;
}

/** Learning rates of the backbone and of its head. */
export interface LearningRates {
  /** Of weights `backbone.…`. */
  backbone: number;
  /** Of weights `head.…`, and the one that is reported. */
  head: number;
}

/** How a strategy trains. */
export interface Training<View> {
  /** What is trained: weights `backbone.…` and `head.…`, or some of them. */
  weights: Weights;
  /** Weights that a checkpoint to go on from needs besides; none by default. */
  beside?: Weights;
  /** Number of steps. */
  steps: number;
  /** Steps of the run that come before these, whose numbers go on from there; none by default. */
  earlier?: number;
  /** Base learning rates; the configuration's schedule changes them. */
  rates: LearningRates;
  /** Tensors of a step of the run, counted from 1; they are disposed of after it. */
  draw: (step: number) => View;
  /** The loss of a step. */
  loss: (view: View, step: number) => tf.Scalar;
  /** Logits of slices [batch, size, size, channels], as the model will segment them. */
  segment: (images: tf.Tensor4D) => tf.Tensor4D;
  /** Called after each step's update. */
  after?: (step: number) => void;
}

/** Trains with Adam, from the start or from a checkpoint. */
export async function train<View extends object>(
  given: Omit<Adaptation, "model" | "pretrained">,
  { weights, beside = {}, steps, earlier = 0, rates, draw, loss, segment, after }: Training<View>,
): Promise<void> {
  const { slices, config: { adaptation, seed }, classes, nameOf, hooks } = given;
  const { validation, resume, save } = given;
  const adam = adamState(weights);
  const state = { weights: { ...weights, ...beside }, adam };
  const step = (n: number) => {
    const factor = scheduleFactor(n - earlier, { ...adaptation, steps, warmup: 0 });
    const view = draw(n);
    const { value, gradients } = valueAndGradients(weights, () => loss(view, n));
    adamStep({ weights, adam }, gradients, {
      learningRate: (name) => factor * (name.startsWith("head.") ? rates.head : rates.backbone),
    });
    after?.(n);
    tf.dispose([Object.values(view), gradients]);
    return { loss: value, learningRate: factor * rates.head };
  };
  try {
    if (resume) restoreState(state, resume);
    // Adam counts its own steps.
    if (resume) adam.step -= earlier;
    await trainingLoop(earlier + steps, {
      ...hooks,
      from: earlier + adam.step,
      step,
      inspect: validation && validationInspection(segment, { ...validation, classes }),
      drawn: (n) => drawnNames(n, slices.count, { batch: adaptation.batch, seed, nameOf }),
      // What follows the last step is the model itself, unless it is interrupted there.
      save: async (n) => {
        if (n === earlier + steps && !hooks.signal?.aborted) return;
        const { tensors, metadata } = await saveState(state);
        await save?.({ tensors, metadata: { ...metadata, step: `${n}` } });
      },
    });
  } finally {
    for (const moments of [adam.m, adam.v]) disposeWeights(moments);
  }
}

/** Trains all weights on the labelled slices, after some earlier steps of the run. */
export async function trainNetwork(
  given: Adaptation,
  rates: LearningRates,
  { earlier }: Pick<Training<SupervisedView>, "earlier"> = {},
): Promise<Record<string, HostTensor>> {
  const { config, model } = given;
  const lossOf = segmentationLoss(given);
  await train(given, {
    weights: model.weights,
    steps: config.adaptation.iterations,
    earlier,
    rates,
    draw: (step) => drawLabelled(given, step),
    loss: (view) => lossOf(model.forward(view.images, { training: true }), view),
    segment: (images) => model.forward(images, { training: false }),
  });
  return await exportWeights(model.weights);
}

/** The labelled slices of a step as the network sees them. */
export function drawLabelled(
  { slices, config: { adaptation, seed }, classes, own }: Adaptation,
  step: number,
): SupervisedView {
  const { augment = supervisedView, onBatch } = own ?? {};
  return tf.tidy(() => {
    const positions = batchPositions(step, slices.count, { batch: adaptation.batch, seed });
    const batch = takeSlices(slices, positions);
    const labelled = {
      images: imageTensor(batch),
      labels: labelTensor(batch, classes),
      known: knownTensor(batch),
    };
    const view = augment(labelled, adaptation.views, random(seed, "labelled views", step));
    onBatch?.({ step, positions, view });
    return { ...view };
  });
}

/** The loss of logits against the labels of a view: the caller's own, or the configuration's. */
export function segmentationLoss(
  { config: { adaptation }, own }: Pick<Adaptation, "config" | "own">,
): (logits: tf.Tensor4D, view: Pick<SupervisedView, "labels" | "known">) => tf.Scalar {
  const loss = own?.loss ?? (adaptation.loss === "dice" ? softDice : diceCrossEntropy);
  return (logits, { labels, known }) => loss(logits, labels, known);
}
