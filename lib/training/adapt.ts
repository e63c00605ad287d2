/**
 * Adaptation to a few labelled patients, by one of several strategies.
 *
 * @module
 */
import { stemName } from "../backbones/create_backbone.ts";
import { sequence } from "../backbones/sequence.ts";
import { disposeWeights } from "../backbones/weights.ts";
import type { AdaptationSettings, Config } from "../config/config.ts";
import { digestLabels, digestSlices } from "../data/slices/slice_digest.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { memoryHead, rememberPixels } from "../evaluators/in_context.ts";
import type { Adaptation } from "./adaptation.ts";
import { exportWeights, importWeights, type WeightMatch } from "./weight_tensors.ts";
import { fineTune } from "./fine_tune.ts";
import type { LoopHooks } from "./loop.ts";
import { meanTeacher } from "./mean_teacher.ts";
import { probe } from "./probe.ts";
import type { HostTensor, Safetensors } from "./safetensors.ts";
import { type SegmentationNetwork, segmentationNetwork } from "./segmentation_model.ts";
import { expectSameSlices } from "./state.ts";
import { expectTensorsFit } from "./tensor_limit.ts";

/**
 * How a model comes to its labels: `scratch` trains random weights; `probe` a linear head on a
 * frozen backbone whose batch norm is in evaluation mode; `finetune` the pretrained backbone and a
 * new head; `mean-teacher` the same, or random weights, with a teacher on unlabelled slices;
 * `in-context` trains nothing: the nearest labelled pixels vote.
 */
export type Strategy = "scratch" | "probe" | "finetune" | "mean-teacher" | "in-context";

/** Every strategy. */
export const STRATEGIES: readonly Strategy[] = [
  "scratch",
  "probe",
  "finetune",
  "mean-teacher",
  "in-context",
];

/** Whether a strategy starts from a pretraining. */
export function pretrainingNeed(strategy: Strategy): "none" | "optional" | "required" {
  if (strategy === "scratch") return "none";
  return strategy === "mean-teacher" ? "optional" : "required";
}

/** The size of an adaptation: its steps, and the slices of a step, unlabelled ones included. */
export function adaptationLength(
  strategy: Strategy,
  { iterations, batch, probe, meanTeacher }: AdaptationSettings,
): { steps: number; batch: number } {
  if (strategy === "in-context") return { steps: 0, batch: 0 };
  if (strategy === "probe") return { steps: probe.iterations, batch };
  const unlabelled = strategy === "mean-teacher" ? meanTeacher.batch : 0;
  return { steps: iterations, batch: batch + unlabelled };
}

/** Options of {@linkcode adapt}. */
export interface AdaptOptions extends Omit<LoopHooks, "save"> {
  /** How to adapt. */
  strategy: Strategy;
  /** Number of classes, the background included. */
  classes: number;
  /**
   * The pretraining's checkpoint, with weights `backbone.…`; needed by `probe`, `finetune` and
   * `in-context`. Without it `mean-teacher` starts from random weights. One of a single channel
   * serves slices of several, see {@linkcode ImportWeightsOptions}.
   */
  pretrained?: Safetensors;
  /** Whether those weights of `pretrained` that fit suffice; else all must fit. */
  partial?: boolean;
  /** Learns which weights of `pretrained` fit. */
  onMatch?: (match: WeightMatch) => void;
  /** Slices without labels, for instance of all training patients; needed by `mean-teacher`. */
  unlabelled?: SliceStack;
  /** Names a labelled slice by its position, for the error of a loss that is not finite. */
  nameOf?: (position: number) => string;
  /** The checkpoint to go on from, of the same strategy; then `pretrained` has no say. */
  resume?: Safetensors;
  /** Keeps a checkpoint to go on from; called now and then, and when interrupted. */
  save?: (checkpoint: Safetensors) => Promise<void>;
}

/**
 * Adapts to labelled slices.
 *
 * @returns the model's checkpoint, for {@linkcode segmentationModel}: weights `backbone.…` and
 * `head.…`, of `mean-teacher` those of the teacher as well, of `in-context` `memory.…` as head.
 * @throws {TypeError} if the slices have no labels, or a pretraining or unlabelled slices are missing,
 * or the pretraining does not fit, or the checkpoint to go on from is of other slices.
 * @throws {RangeError} if a tensor would be larger than the backend can use.
 */
export async function adapt(
  slices: SliceStack,
  config: Config,
  options: AdaptOptions,
): Promise<Safetensors> {
  const { strategy, classes, pretrained, unlabelled, nameOf, resume, save } = options;
  const { onSteps, saveEvery, signal } = options;
  const slicesDigest = digest(slices, unlabelled);
  if (resume) expectSameSlices(resume, slicesDigest);
  if (resume?.metadata.finished) return resume;
  if (!resume && !pretrained && pretrainingNeed(strategy) === "required") {
    throw new TypeError(`${strategy}: expected a pretraining, found none: name one, or scratch`);
  }
  const { channels } = slices;
  expectTensorsFit(config, adaptationLength(strategy, config.adaptation).batch, channels);
  // Kept with the checkpoint: whoever goes on from it need not have the pretraining any more.
  const isPretrained = resume ? resume.metadata.pretrained !== "" : pretrained !== undefined;
  const kept = { slices: slicesDigest, pretrained: isPretrained ? "yes" : "" };
  const keep = async ({ tensors, metadata }: Safetensors) => {
    await save?.({ tensors, metadata: { ...metadata, ...kept } });
  };
  const model = segmentationNetwork(config, classes, channels);
  try {
    takeWeights(model, config, options);
    const hooks = { onSteps, saveEvery, signal };
    const given = { slices, config, classes, model, hooks, nameOf, resume, save: keep };
    const tensors = await run(strategy, given, { unlabelled, pretrained: isPretrained });
    return { tensors, metadata: { ...kept, finished: "yes" } };
  } finally {
    disposeWeights(model.weights);
  }
}

/** Gives the backbone the weights that the adaptation starts from, or goes on from. */
function takeWeights(
  { backbone }: SegmentationNetwork,
  config: Config,
  { strategy, pretrained, partial, onMatch, resume }: AdaptOptions,
): void {
  const { weights } = sequence({ backbone });
  if (resume) importWeights(weights, resume.tensors, "checkpoint");
  else if (pretrained && strategy !== "scratch") {
    const stem = `backbone.${stemName(config.backbone)}`;
    const match = importWeights(weights, pretrained.tensors, "pretraining", { partial, stem });
    onMatch?.(match);
  }
}

/** Tells whether two adaptations have the same slices, labels included. */
function digest(slices: SliceStack, unlabelled?: SliceStack): string {
  const parts = [digestSlices(slices), digestLabels(slices)];
  return [...parts, ...(unlabelled ? [digestSlices(unlabelled)] : [])].join(" ");
}

function run(
  strategy: Strategy,
  given: Adaptation,
  { unlabelled, pretrained }: { unlabelled?: SliceStack; pretrained: boolean },
): Promise<Record<string, HostTensor>> {
  const { scratch, finetune } = given.config.adaptation;
  const scratchRates = { backbone: scratch.learningRate, head: scratch.learningRate };
  const rates = { backbone: finetune.backboneLearningRate, head: finetune.headLearningRate };
  switch (strategy) {
    case "scratch":
      return fineTune(given, scratchRates);
    case "finetune":
      return fineTune(given, rates);
    case "mean-teacher":
      return meanTeacher(given, { unlabelled, rates: pretrained ? rates : scratchRates });
    case "probe":
      return probe(given);
    case "in-context":
      return remember(given);
  }
}

/** The backbone and the labelled pixels. */
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
