/**
 * Weak-to-strong consistency (FixMatch: Sohn et al., NeurIPS 2020; for segmentation UniMatch: Yang et
 * al., CVPR 2023): what a teacher is sure of in a weak view of an unlabelled slice are the labels of
 * a strong view of it. Ours differs in its start: from a pretraining, labelled slices alone train a
 * linear probe and then all weights, until the teacher's labels are worth learning from.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawBoxes, pasteBoxes } from "../../augmentations/cut_mix.ts";
import { intensityView } from "../../augmentations/intensity.ts";
import { spatialView, type SupervisedView } from "../../augmentations/views.ts";
import type { AdaptationSettings } from "../../config/config.ts";
import { type Random, random } from "../../math/random.ts";
import { type Adaptation, type LearningRates, segmentationLoss } from "./adaptation.ts";
import { drawBatch, imageTensor } from "../batches.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import type { SegmentationNetwork } from "../weights/segmentation_model.ts";
import { afterProbe, afterProbeRates } from "./probe_finetune.ts";
import { scratchRates } from "./scratch.ts";
import { searchedRate, searchedSteps } from "./search_space.ts";
import type { Strategy } from "./strategy.ts";
import { learnFromTeacher, unlabelledOf } from "./teacher.ts";

/** Weak-to-strong consistency, from a probe of a pretraining or from random weights. */
export const weakToStrong: Strategy<"weak-to-strong"> = {
  name: "weak-to-strong",
  label: "Weak-to-strong",
  how: "by weak-to-strong consistency on all training patients",
  pretraining: "optional",
  unlabelled: true,
  trains: "network",
  line: { symbol: "x", dash: "dot" },
  steps: ({ iterations, probe }, { pretrained }) =>
    (pretrained ? probe.iterations : 0) + iterations,
  batch: ({ batch, weakToStrong }) => batch + weakToStrong.batch,
  search: ({ pretrained }) => [
    searchedSteps("iterations"),
    searchedRate(pretrained ? "finetune.backboneLearningRate" : "scratch.learningRate"),
    { setting: "weakToStrong.weight", times: [1 / 4, 4], whole: false },
  ],
  adapt: async (given) => {
    const { config: { adaptation }, pretrained } = given;
    if (!pretrained) return await answerStrongly(given, { rates: scratchRates(adaptation) });
    const rates = afterProbeRates(adaptation);
    return await afterProbe(given, (rest, earlier) => answerStrongly(rest, { rates, earlier }));
  },
};

/** A strong view of unlabelled slices and what the teacher is sure of in them. */
type StrongView = Required<SupervisedView>;

/**
 * Trains all weights on the labelled slices and on strong views of unlabelled ones.
 *
 * @throws {TypeError} if there are no unlabelled slices.
 */
async function answerStrongly(
  given: Adaptation,
  training: { rates: LearningRates; earlier?: number },
): Promise<Record<string, HostTensor>> {
  const { config: { adaptation, seed }, model } = given;
  const { decay, weight, warmup, batch } = adaptation.weakToStrong;
  const silent = (training.earlier ?? 0) + warmup * adaptation.iterations;
  const unlabelled = unlabelledOf(given, "weak-to-strong");
  const lossOf = segmentationLoss(given);
  return await learnFromTeacher(given, {
    ...training,
    decay,
    teach: (teacher, step) => {
      if (step <= silent) return undefined;
      return tf.tidy(() => {
        const images = imageTensor(drawBatch(unlabelled, step, { batch, seed }));
        return strongView(images, teacher, { adaptation, source: random(seed, "strong", step) });
      });
    },
    answer: (view) => {
      const logits = model.forward(view.images, { training: true });
      return tf.mul(lossOf(logits, view), weight);
    },
  });
}

/**
 * A strong view of slices and what a teacher is sure of in a weak one: both share the spatial
 * transform, the strong one differs in intensities and has boxes of other slices, with their labels.
 *
 * @param images [batch, size, size, channels].
 */
export function strongView(
  images: tf.Tensor4D,
  teacher: Pick<SegmentationNetwork, "forward">,
  { adaptation: { views, weakToStrong }, source }: {
    adaptation: AdaptationSettings;
    source: Random;
  },
): StrongView {
  const [batch, size] = images.shape;
  const weak = spatialView(images, views.spatial, source);
  const { labels, known } = sureLabels(
    teacher.forward(weak, { training: false }),
    weakToStrong.threshold,
  );
  const strong = intensityView(weak, weakToStrong.intensity, source);
  const boxes = tf.tensor4d(
    drawBoxes([batch, size], weakToStrong.cutMix, source),
    [batch, size, size, 1],
  );
  return {
    images: pasteBoxes(strong, boxes),
    labels: pasteBoxes(labels, boxes),
    known: pasteBoxes(known, boxes),
  };
}

/**
 * The most probable class of each pixel where it is probable enough.
 *
 * @param logits [batch, height, width, classes].
 * @param threshold Least probability.
 * @returns one-hot labels, all 0 where the class is not sure, and 1 where it is, [batch, height,
 * width, 1].
 */
export function sureLabels(
  logits: tf.Tensor4D,
  threshold: number,
): Pick<StrongView, "labels" | "known"> {
  const classes = logits.shape[3];
  return tf.tidy(() => {
    const sure = tf.greaterEqual(tf.max(tf.softmax(logits), 3, true), threshold);
    const known = tf.cast(sure, "float32") as tf.Tensor4D;
    const labels = tf.oneHot(tf.argMax(logits, 3), classes, 1, 0, "float32");
    return { known, labels: tf.mul(labels, known) };
  });
}
