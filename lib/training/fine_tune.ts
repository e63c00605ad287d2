/**
 * Training of backbone and head, from random weights or from a pretraining.
 *
 * @module
 */
import {
  type Adaptation,
  drawLabelled,
  type LearningRates,
  segmentationLoss,
  train,
} from "./adaptation.ts";
import { exportWeights } from "./weight_tensors.ts";
import type { HostTensor } from "./safetensors.ts";

/** Trains all weights on the labelled slices. */
export async function fineTune(
  given: Adaptation,
  rates: LearningRates,
): Promise<Record<string, HostTensor>> {
  const { config, model } = given;
  const lossOf = segmentationLoss(config);
  await train(given, {
    weights: model.weights,
    steps: config.adaptation.iterations,
    rates,
    draw: (step) => drawLabelled(given, step),
    loss: (view) => lossOf(model.forward(view.images, { training: true }), view),
  });
  return await exportWeights(model.weights);
}
