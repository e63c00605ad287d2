/**
 * Fine-tuning from a linear probe (LP-FT: Kumar et al., ICLR 2022): a head of random weights would
 * distort the pretrained features before it fits them.
 *
 * @module
 */
import type { AdaptationSettings } from "../../config/config.ts";
import type { HostTensor } from "../weights/safetensors.ts";
import { type Adaptation, type LearningRates, trainNetwork } from "./adaptation.ts";
import { trainHead } from "./probe.ts";
import { searchedRate, searchedSteps } from "./search_space.ts";
import type { Strategy } from "./strategy.ts";

/** Fine-tuning from a linear probe. */
export const probeFinetune: Strategy<"probe-finetune"> = {
  name: "probe-finetune",
  label: "Fine-tuned from a probe",
  how: "by fine-tuning from a linear probe",
  pretraining: "required",
  unlabelled: false,
  trains: "network",
  line: { symbol: "cross", dash: "solid" },
  steps: ({ probe, iterations }) => probe.iterations + iterations,
  batch: ({ batch }) => batch,
  search: () => [
    searchedSteps("iterations"),
    searchedRate("finetune.backboneLearningRate"),
    searchedSteps("probe.iterations"),
  ],
  adapt: (given) =>
    afterProbe(
      given,
      (rest, earlier) => trainNetwork(rest, afterProbeRates(given.config.adaptation), { earlier }),
    ),
};

/**
 * Trains the head on frozen features, and then all weights by `train`, which is told how many steps of
 * the run came before. A checkpoint to go on from belongs to the probe up to its last step.
 */
export async function afterProbe(
  given: Adaptation,
  train: (given: Adaptation, earlier: number) => Promise<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const { config: { adaptation }, hooks, resume } = given;
  const { probe: { iterations: earlier }, iterations } = adaptation;
  const probed = resume !== undefined && Number(resume.metadata.step) > earlier;
  if (!probed) {
    const onSteps: typeof hooks.onSteps = (records) =>
      hooks.onSteps?.(records, earlier + iterations);
    await trainHead({ ...given, hooks: { ...hooks, onSteps } });
  }
  return await train({ ...given, resume: probed ? resume : undefined }, earlier);
}

/** The learning rates after a probe: the head learns as fast as the backbone, as it fits already. */
export function afterProbeRates({ finetune }: AdaptationSettings): LearningRates {
  const rate = finetune.backboneLearningRate;
  return { backbone: rate, head: rate };
}
