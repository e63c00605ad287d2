/**
 * Mean Teacher (Tarvainen & Valpola, NeurIPS 2017): a teacher, the running mean of the student,
 * tells it on slices without labels what to predict. As in SSL4MIS (Luo et al.), which adapted it to
 * segmentation, only the teacher's input is noisy.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { SupervisedView } from "../../augmentations/views.ts";
import { disposeWeights, type Network, type Weights } from "../../backbones/weights.ts";
import type { SliceStack } from "../../data/slices/slices.ts";
import { consistency, consistencyWeight } from "../../losses/consistency.ts";
import { mix } from "../../ops/mix.ts";
import { type Random, random } from "../../math/random.ts";
import { type Adaptation, drawLabelled, segmentationLoss, train } from "./adaptation.ts";
import { drawBatch, imageTensor } from "../batches.ts";
import { exportWeights, prefixed } from "../weights/weight_tensors.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import { segmentationNetwork, TEACHER } from "../weights/segmentation_model.ts";
import { finetuneRates } from "./finetune.ts";
import { scratchRates } from "./scratch.ts";
import type { Strategy } from "./strategy.ts";

/** Mean Teacher, from a pretraining or from random weights. */
export const meanTeacher: Strategy<"mean-teacher"> = {
  name: "mean-teacher",
  label: "Mean Teacher",
  how: "with a Mean Teacher on all training patients",
  pretraining: "optional",
  unlabelled: true,
  trains: "network",
  line: { symbol: "diamond", dash: "dot" },
  length: ({ iterations, batch, meanTeacher }) => ({
    steps: iterations,
    batch: batch + meanTeacher.batch,
  }),
  adapt: teachAndLearn,
};

/** Where the teacher's noise is cut, in standard deviations. */
const NOISE_LIMIT = 2;

/** What a step trains on. */
interface MeanTeacherView extends SupervisedView {
  /** Where consistency counts: slices without labels, and what the teacher says of them. */
  unlabelled?: { images: tf.Tensor4D; target: tf.Tensor4D };
}

/**
 * Trains all weights on the labelled slices and, once the warm-up is over, on the consistency with
 * the teacher on unlabelled ones, which are shown as they are.
 *
 * @returns the student as `backbone.…` and `head.…`, the teacher as `teacher.backbone.…` and
 * `teacher.head.…`.
 * @throws {TypeError} if there are no unlabelled slices.
 */
async function teachAndLearn(given: Adaptation): Promise<Record<string, HostTensor>> {
  const { config: { adaptation, seed }, classes, model, pretrained } = given;
  const unlabelled = unlabelledOf(given);
  const { meanTeacher: settings, iterations: steps } = adaptation;
  const lossOf = segmentationLoss(given);
  const weightAt = (step: number) => consistencyWeight(step, { ...settings, steps });
  const teacher = segmentationNetwork(given.config, classes, unlabelled.channels);
  try {
    moveAverage(teacher.weights, model.weights, 0);
    await train<MeanTeacherView>(given, {
      weights: model.weights,
      beside: prefixed(TEACHER, teacher.weights),
      steps,
      rates: pretrained ? finetuneRates(adaptation) : scratchRates(adaptation),
      draw: (step) => {
        const labelled = drawLabelled(given, step);
        if (weightAt(step) === 0) return labelled;
        const images = imageTensor(drawBatch(unlabelled, step, { batch: settings.batch, seed }));
        const source = random(seed, "teacher noise", step);
        const target = teach(teacher, images, { ...settings, source });
        return { ...labelled, unlabelled: { images, target } };
      },
      loss: ({ unlabelled, ...labelled }, step) => {
        const supervised = lossOf(model.forward(labelled.images, { training: true }), labelled);
        if (!unlabelled) return supervised;
        const logits = model.forward(unlabelled.images, { training: true });
        return tf.add(supervised, tf.mul(consistency(logits, unlabelled.target), weightAt(step)));
      },
      segment: (images) => teacher.forward(images, { training: false }),
      after: (step) =>
        moveAverage(teacher.weights, model.weights, teacherShare(step, settings.decay)),
    });
    const [student, average] = await Promise.all(
      [model, teacher].map((m) => exportWeights(m.weights)),
    );
    return { ...student, ...prefixed(TEACHER, average) };
  } finally {
    disposeWeights(teacher.weights);
  }
}

/** The slices without labels. */
function unlabelledOf({ unlabelled }: Adaptation): SliceStack {
  if (unlabelled) return unlabelled;
  throw new TypeError(
    "mean-teacher: expected unlabelled slices, found none: give those of the training patients",
  );
}

/**
 * The old teacher's share in the new one at a step, counted from 1: α = min(1 − 1/(step + 1), decay).
 * At first the teacher is the plain mean of all students so far.
 */
export function teacherShare(step: number, decay: number): number {
  return Math.min(1 - 1 / (step + 1), decay);
}

/**
 * Moves averages towards current weights, in place: average ← α·average + (1 − α)·current. Running
 * statistics are averaged as well: the teacher computes in evaluation mode, with statistics that lag
 * as its weights do. (SSL4MIS averages the weights alone and lets the teacher observe its own.)
 *
 * @param average Weights by the names of `current`.
 * @param share α, in [0, 1].
 */
export function moveAverage(average: Weights, current: Weights, share: number): void {
  for (const [name, weight] of Object.entries(average)) {
    tf.tidy(() => weight.assign(mix(weight, current[name], { keep: share, share: 1 - share })));
  }
}

/**
 * What a teacher says of slices through noise: x + clamp(N(0, noise), ±2·noise).
 *
 * @param x [batch, height, width, channels].
 * @returns probabilities [batch, height, width, classes].
 */
function teach(
  teacher: Network,
  x: tf.Tensor4D,
  { noise, source }: { noise: number; source: Random },
): tf.Tensor4D {
  const limited = () => Math.max(-NOISE_LIMIT, Math.min(NOISE_LIMIT, source.normal()));
  const values = Float32Array.from({ length: x.size }, () => noise * limited());
  return tf.tidy(() => {
    const noisy: tf.Tensor4D = tf.add(x, tf.tensor4d(values, x.shape));
    return tf.softmax(teacher.forward(noisy, { training: false }));
  });
}
