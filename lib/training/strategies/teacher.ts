/**
 * A teacher: the running mean of the student's weights, which tells the student on slices without
 * labels what to predict (Tarvainen & Valpola, NeurIPS 2017).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { SupervisedView } from "../../augmentations/views.ts";
import { disposeWeights, type Weights } from "../../backbones/weights.ts";
import type { SliceStack } from "../../data/slices/slices.ts";
import { mix } from "../../ops/mix.ts";
import {
  type Adaptation,
  drawLabelled,
  segmentationLoss,
  train,
  type Training,
} from "./adaptation.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import {
  type SegmentationNetwork,
  segmentationNetwork,
  TEACHER,
} from "../weights/segmentation_model.ts";
import { exportWeights, prefixed } from "../weights/weight_tensors.ts";

/** How a teacher teaches. */
export interface Teaching<Lesson extends object>
  extends Pick<Training<Lesson>, "rates" | "earlier"> {
  /** Greatest share of the old teacher in the new one, see {@linkcode teacherShare}. */
  decay: number;
  /** The tensors of a step's lesson; none where there is no lesson yet. */
  teach: (teacher: SegmentationNetwork, step: number) => Lesson | undefined;
  /** The loss of the student's answer, weighted. */
  answer: (lesson: Lesson, step: number) => tf.Scalar;
}

/**
 * Trains all weights on the labelled slices and on what the teacher says of others.
 *
 * @returns the student as `backbone.…` and `head.…`, the teacher as `teacher.backbone.…` and
 * `teacher.head.…`.
 */
export async function learnFromTeacher<Lesson extends object>(
  given: Adaptation,
  { decay, teach, answer, rates, earlier = 0 }: Teaching<Lesson>,
): Promise<Record<string, HostTensor>> {
  const { config, slices, classes, model } = given;
  const lossOf = segmentationLoss(given);
  const teacher = segmentationNetwork(config, classes, slices.channels);
  try {
    moveAverage(teacher.weights, model.weights, 0);
    await train<SupervisedView & { lesson?: Lesson }>(given, {
      rates,
      earlier,
      weights: model.weights,
      beside: prefixed(TEACHER, teacher.weights),
      steps: config.adaptation.iterations,
      draw: (step) => {
        const labelled = drawLabelled(given, step);
        const lesson = teach(teacher, step);
        return lesson ? { ...labelled, lesson } : labelled;
      },
      loss: ({ lesson, ...labelled }, step) => {
        const supervised = lossOf(model.forward(labelled.images, { training: true }), labelled);
        return lesson ? tf.add(supervised, answer(lesson, step)) : supervised;
      },
      segment: (images) => teacher.forward(images, { training: false }),
      after: (step) =>
        moveAverage(teacher.weights, model.weights, teacherShare(step - earlier, decay)),
    });
    const [student, average] = await Promise.all(
      [model, teacher].map((m) => exportWeights(m.weights)),
    );
    return { ...student, ...prefixed(TEACHER, average) };
  } finally {
    disposeWeights(teacher.weights);
  }
}

/**
 * The slices without labels of a strategy.
 *
 * @throws {TypeError} if there are none.
 */
export function unlabelledOf({ unlabelled }: Adaptation, strategy: string): SliceStack {
  if (unlabelled) return unlabelled;
  throw new TypeError(
    `${strategy}: expected unlabelled slices, found none: give those of the training patients`,
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
