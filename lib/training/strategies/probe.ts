/**
 * The linear probe: a linear head on frozen features.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { sequence } from "../../backbones/sequence.ts";
import type { Network, Weights } from "../../backbones/weights.ts";
import { type SliceStack, takeSlices } from "../../data/slices/slices.ts";
import { BATCH_NORM_EPSILON, batchNormEval } from "../../ops/norms/batch_norm.ts";
import { type Adaptation, drawLabelled, segmentationLoss, train } from "./adaptation.ts";
import { imageTensor } from "../batches.ts";
import { exportWeights } from "../weights/weight_tensors.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import { searchedRate, searchedSteps } from "./search_space.ts";
import type { Strategy } from "./strategy.ts";

/** Slices that pass the backbone together. */
const BATCH = 16;

/** The linear probe. */
export const probe: Strategy<"probe"> = {
  name: "probe",
  label: "Linear probe",
  how: "by a linear probe",
  pretraining: "required",
  unlabelled: false,
  trains: "head",
  line: { symbol: "square", dash: "dash" },
  steps: ({ probe }) => probe.iterations,
  batch: ({ batch }) => batch,
  search: () => [searchedSteps("probe.iterations"), searchedRate("probe.learningRate")],
  adapt: trainHead,
};

/** Mean and variance of each feature, [D] each. */
export interface FeatureStatistics {
  /** Means. */
  mean: tf.Tensor1D;
  /** Biased variances. */
  variance: tf.Tensor1D;
}

/**
 * Trains a linear head on the backbone's features, in evaluation mode and standardised by their mean
 * and variance over the labelled slices: pretrained features differ in scale, and one learning rate
 * has to suit all. The standardisation ends up in the head's weights.
 */
export async function trainHead(given: Adaptation): Promise<Record<string, HostTensor>> {
  const { slices, config, model: { weights, backbone, head } } = given;
  const { iterations, learningRate } = config.adaptation.probe;
  const lossOf = segmentationLoss(given);
  const statistics = featureStatistics(backbone, slices);
  const featuresOf = (images: tf.Tensor4D) =>
    standardise(backbone.forward(images, { training: false }), statistics);
  try {
    await train(given, {
      weights: sequence({ head }).weights,
      beside: sequence({ backbone }).weights,
      steps: iterations,
      rates: { backbone: learningRate, head: learningRate },
      draw: (step) =>
        tf.tidy(() => {
          const { images, ...labelled } = drawLabelled(given, step);
          return { ...labelled, features: featuresOf(images) };
        }),
      loss: (view) => lossOf(head.forward(view.features, { training: true }), view),
      segment: (images) => head.forward(featuresOf(images), { training: false }),
    });
    foldStandardisation(head.weights, statistics);
    return await exportWeights(weights);
  } finally {
    tf.dispose([statistics.mean, statistics.variance]);
  }
}

/** Mean and variance over all pixels of some slices, of the features in evaluation mode. */
export function featureStatistics(backbone: Network, slices: SliceStack): FeatureStatistics {
  return tf.tidy(() => {
    const parts: { share: number; mean: tf.Tensor; variance: tf.Tensor }[] = [];
    for (let first = 0; first < slices.count; first += BATCH) {
      const count = Math.min(BATCH, slices.count - first);
      const positions = Array.from({ length: count }, (_, i) => first + i);
      const moments = tf.tidy(() => {
        const x = imageTensor(takeSlices(slices, positions));
        return { ...tf.moments(backbone.forward(x, { training: false }), [0, 1, 2]) };
      });
      parts.push({ share: count / slices.count, ...moments });
    }
    // Chan, Golub & LeVeque (1979): the variance within the parts and that between them.
    const sum = (values: tf.Tensor[]) => tf.addN(values) as tf.Tensor1D;
    const mean = sum(parts.map(({ share, mean }) => tf.mul(mean, share)));
    const variance = sum(
      parts.map((part) =>
        tf.mul(tf.add(part.variance, tf.square(tf.sub(part.mean, mean))), part.share)
      ),
    );
    return { mean, variance };
  });
}

/** (x − mean)/√(variance + 1e-5): the epsilon, batch norm's, leaves dead features at 0. */
export function standardise(
  x: tf.Tensor4D,
  { mean, variance }: FeatureStatistics,
): tf.Tensor4D {
  return tf.tidy(() =>
    batchNormEval(x, { gamma: tf.onesLike(mean), beta: tf.zerosLike(mean), mean, variance })
  );
}

/**
 * Changes a linear head of standardised features, in place, into the same function of the features
 * themselves: W/σ, and b − W·mean/σ.
 *
 * @param head `0.weight` [1, 1, D, classes] and `0.bias` [classes].
 */
export function foldStandardisation(
  { "0.weight": weight, "0.bias": bias }: Weights,
  { mean, variance }: FeatureStatistics,
): void {
  tf.tidy(() => {
    const inverse = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON));
    const folded = tf.mul(weight, tf.reshape(inverse, [1, 1, -1, 1]));
    const shift = tf.sum(tf.mul(folded, tf.reshape(mean, [1, 1, -1, 1])), [0, 1, 2]);
    weight.assign(folded);
    bias.assign(tf.sub(bias, shift));
  });
}
