/**
 * Fine-tuning: the pretrained backbone and a new head are trained on the labelled slices.
 *
 * @module
 */
import type { AdaptationSettings } from "../../config/config.ts";
import { type LearningRates, trainNetwork } from "./adaptation.ts";
import { searchedRate, searchedSteps } from "./search_space.ts";
import type { Strategy } from "./strategy.ts";

/** Fine-tuning. */
export const finetune: Strategy<"finetune"> = {
  name: "finetune",
  label: "Fine-tuned",
  how: "by fine-tuning",
  pretraining: "required",
  unlabelled: false,
  trains: "network",
  line: { symbol: "circle", dash: "solid" },
  steps: ({ iterations }) => iterations,
  batch: ({ batch }) => batch,
  search: () => [
    searchedSteps("iterations"),
    searchedRate("finetune.backboneLearningRate"),
    searchedRate("finetune.headLearningRate"),
  ],
  adapt: (given) => trainNetwork(given, finetuneRates(given.config.adaptation)),
};

/** The learning rates of a pretrained backbone and a new head. */
export function finetuneRates({ finetune }: AdaptationSettings): LearningRates {
  return { backbone: finetune.backboneLearningRate, head: finetune.headLearningRate };
}
