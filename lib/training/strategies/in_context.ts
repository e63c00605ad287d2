/**
 * No training at all: the nearest labelled pixels vote, by the features of a pretrained backbone.
 *
 * @module
 */
import { sequence } from "../../backbones/sequence.ts";
import { disposeWeights } from "../../backbones/weights.ts";
import { memoryHead, rememberPixels } from "../../inference/in_context.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import { exportWeights } from "../weights/weight_tensors.ts";
import type { Adaptation } from "./adaptation.ts";
import type { Strategy } from "./strategy.ts";

/** Segmentation in context. */
export const inContext: Strategy<"in-context"> = {
  name: "in-context",
  label: "In-context",
  how: "in context, without training",
  pretraining: "required",
  unlabelled: false,
  trains: "nothing",
  line: { symbol: "triangle-up", dash: "dashdot" },
  steps: () => 0,
  batch: () => 0,
  search: () => [
    { setting: "inContext.neighbours", times: [1 / 4, 4], whole: true },
    { setting: "inContext.pixelsPerSlice", times: [1 / 2, 2], whole: true },
  ],
  adapt: remember,
};

/** The backbone and the labelled pixels, as weights `backbone.…` and `memory.…`. */
async function remember(
  { slices, config, classes, model: { backbone }, hooks }: Adaptation,
): Promise<Record<string, HostTensor>> {
  const { neighbours, pixelsPerSlice } = config.adaptation.inContext;
  const weights = rememberPixels(backbone, slices, { pixelsPerSlice, seed: config.seed });
  try {
    // There are no steps, but whoever follows learns that all went well so far.
    await hooks.onSteps?.([], 0);
    const memory = memoryHead(weights, { neighbours, classes });
    return await exportWeights(sequence({ backbone, memory }).weights);
  } finally {
    disposeWeights(weights);
  }
}
