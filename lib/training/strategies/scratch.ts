/**
 * The baseline: all weights are trained from random ones on the labelled slices.
 *
 * @module
 */
import type { AdaptationSettings } from "../../config/config.ts";
import { type LearningRates, trainNetwork } from "./adaptation.ts";
import { searchedRate, searchedSteps } from "./search_space.ts";
import type { Strategy } from "./strategy.ts";

/** Training from random weights. */
export const scratch: Strategy<"scratch"> = {
  name: "scratch",
  label: "From scratch",
  how: "from scratch",
  pretraining: "none",
  unlabelled: false,
  trains: "network",
  line: { symbol: "circle", dash: "solid" },
  steps: ({ iterations }) => iterations,
  batch: ({ batch }) => batch,
  search: () => [searchedSteps("iterations"), searchedRate("scratch.learningRate")],
  adapt: (given) => trainNetwork(given, scratchRates(given.config.adaptation)),
};

/** The learning rates of random weights. */
export function scratchRates({ scratch: { learningRate } }: AdaptationSettings): LearningRates {
  return { backbone: learningRate, head: learningRate };
}
