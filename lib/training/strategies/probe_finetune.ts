/**
 * Fine-tuning from a linear probe (LP-FT: Kumar et al., ICLR 2022): a head of random weights would
 * distort the pretrained features before it fits them.
 *
 * @module
 */
import type { HostTensor } from "../weights/safetensors.ts";
import { type Adaptation, trainNetwork } from "./adaptation.ts";
import { trainHead } from "./probe.ts";
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
  length: ({ probe, iterations, batch }) => ({ steps: probe.iterations + iterations, batch }),
  adapt: probeThenFinetune,
};

/**
 * Trains the head on frozen features, then all weights, the head as fast as the backbone: it fits
 * already. A checkpoint to go on from belongs to the probe up to its last step.
 */
async function probeThenFinetune(given: Adaptation): Promise<Record<string, HostTensor>> {
  const { config: { adaptation }, hooks, resume } = given;
  const { probe: { iterations: earlier }, iterations, finetune } = adaptation;
  const probed = resume !== undefined && Number(resume.metadata.step) > earlier;
  if (!probed) {
    const onSteps: typeof hooks.onSteps = (records) =>
      hooks.onSteps?.(records, earlier + iterations);
    await trainHead({ ...given, hooks: { ...hooks, onSteps } });
  }
  const rate = finetune.backboneLearningRate;
  return await trainNetwork(
    { ...given, resume: probed ? resume : undefined },
    { backbone: rate, head: rate },
    { earlier },
  );
}
