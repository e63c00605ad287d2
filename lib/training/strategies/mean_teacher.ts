/**
 * Mean Teacher (Tarvainen & Valpola, NeurIPS 2017): a teacher, the running mean of the student,
 * tells it on slices without labels what to predict. As in SSL4MIS (Luo et al.), which adapted it to
 * segmentation, only the teacher's input is noisy.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../../backbones/weights.ts";
import { consistency, consistencyWeight } from "../../losses/consistency.ts";
import { type Random, random } from "../../math/random.ts";
import type { Adaptation } from "./adaptation.ts";
import { drawBatch, imageTensor } from "../batches.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import { finetuneRates } from "./finetune.ts";
import { scratchRates } from "./scratch.ts";
import { searchedRate, searchedSteps } from "./search_space.ts";
import type { Strategy } from "./strategy.ts";
import { learnFromTeacher, unlabelledOf } from "./teacher.ts";

/** Mean Teacher, from a pretraining or from random weights. */
export const meanTeacher: Strategy<"mean-teacher"> = {
  name: "mean-teacher",
  label: "Mean Teacher",
  how: "with a Mean Teacher on all training patients",
  pretraining: "optional",
  unlabelled: true,
  trains: "network",
  line: { symbol: "diamond", dash: "dot" },
  steps: ({ iterations }) => iterations,
  batch: ({ batch, meanTeacher }) => batch + meanTeacher.batch,
  search: ({ pretrained }) => [
    searchedSteps("iterations"),
    searchedRate(pretrained ? "finetune.backboneLearningRate" : "scratch.learningRate"),
    { setting: "meanTeacher.weight", times: [1 / 4, 16], whole: false },
  ],
  adapt: agreeWithTeacher,
};

/** Where the teacher's noise is cut, in standard deviations. */
const NOISE_LIMIT = 2;

/**
 * Trains all weights on the labelled slices and, once the warm-up is over, on the consistency with
 * the teacher on unlabelled ones, which are shown as they are.
 *
 * @throws {TypeError} if there are no unlabelled slices.
 */
async function agreeWithTeacher(given: Adaptation): Promise<Record<string, HostTensor>> {
  const { config: { adaptation, seed }, model, pretrained } = given;
  const unlabelled = unlabelledOf(given, "mean-teacher");
  const { meanTeacher: settings, iterations: steps } = adaptation;
  const weightAt = (step: number) => consistencyWeight(step, { ...settings, steps });
  return await learnFromTeacher(given, {
    decay: settings.decay,
    rates: pretrained ? finetuneRates(adaptation) : scratchRates(adaptation),
    teach: (teacher, step) => {
      if (weightAt(step) === 0) return undefined;
      const images = imageTensor(drawBatch(unlabelled, step, { batch: settings.batch, seed }));
      const source = random(seed, "teacher noise", step);
      return { images, target: probabilitiesInNoise(teacher, images, { ...settings, source }) };
    },
    answer: ({ images, target }, step) => {
      const logits = model.forward(images, { training: true });
      return tf.mul(consistency(logits, target), weightAt(step));
    },
  });
}

/**
 * What a teacher says of slices through noise: x + clamp(N(0, noise), ±2·noise).
 *
 * @param x [batch, height, width, channels].
 * @returns probabilities [batch, height, width, classes].
 */
function probabilitiesInNoise(
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
