/**
 * Adaptation to a few labelled patients, by one of several strategies.
 *
 * @module
 */
import { stemName } from "../backbones/create_backbone.ts";
import { sequence } from "../backbones/sequence.ts";
import { disposeWeights } from "../backbones/weights.ts";
import type { Config } from "../config/config.ts";
import { digestLabels, digestSlices } from "../data/slices/slice_digest.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import type { LoopHooks } from "./loop.ts";
import {
  type AdaptationFunctions,
  expectNoFunctions,
  expectSameFunctions,
  ownMetadata,
} from "./own_functions.ts";
import type { Safetensors } from "./weights/safetensors.ts";
import { type SegmentationNetwork, segmentationNetwork } from "./weights/segmentation_model.ts";
import { expectSameSlices } from "./weights/state.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { STRATEGIES, type StrategyName } from "./strategies/table.ts";
import { expectTensorsFit } from "./tensor_limit.ts";
import type { Validation } from "./validation.ts";
import { importWeights, type WeightMatch } from "./weights/weight_tensors.ts";

/** Options of {@linkcode adapt}. */
export interface AdaptOptions extends Omit<LoopHooks, "save">, AdaptationFunctions {
  /** How to adapt. */
  strategy: StrategyName;
  /** Number of classes, the background included. */
  classes: number;
  /**
   * The pretraining's checkpoint, with weights `backbone.…`, if the strategy needs it or can make use
   * of it. One of a single channel serves slices of several, see {@linkcode ImportWeightsOptions}.
   */
  pretrained?: Safetensors;
  /** Whether those weights of `pretrained` that fit suffice; else all must fit. */
  partial?: boolean;
  /** Learns which weights of `pretrained` fit. */
  onMatch?: (match: WeightMatch) => void;
  /** Slices without labels, for instance of all training patients; if the strategy needs them. */
  unlabelled?: SliceStack;
  /** Names a labelled slice by its position, for the error of a loss that is not finite. */
  nameOf?: (position: number) => string;
  /** What the training is watched on, of a strategy that trains; nothing by default. */
  validation?: Validation;
  /** The checkpoint to go on from, of the same strategy; then `pretrained` has no say. */
  resume?: Safetensors;
  /** Keeps a checkpoint to go on from; called now and then, and when interrupted. */
  save?: (checkpoint: Safetensors) => Promise<void>;
}

/**
 * Adapts to labelled slices.
 *
 * @returns the model's checkpoint, for {@linkcode segmentationModel}: weights `backbone.…` and
 * `head.…`, of strategies with a teacher its own as well, of `in-context` `memory.…` as head.
 * @throws {TypeError} if the slices have no labels, or a pretraining or unlabelled slices are missing,
 * or the pretraining does not fit, or the checkpoint to go on from is of other slices, or of functions
 * of the caller's own that are missing; or a strategy without training is given some.
 * @throws {RangeError} if a tensor would be larger than the backend can use.
 */
export async function adapt(
  slices: SliceStack,
  config: Config,
  options: AdaptOptions,
): Promise<Safetensors> {
  const { classes, pretrained, unlabelled, nameOf, validation, resume, save } = options;
  const { onSteps, saveEvery, signal } = options;
  const strategy = STRATEGIES[options.strategy];
  const slicesDigest = digest(slices, unlabelled);
  if (strategy.trains === "nothing") expectNoFunctions(strategy.name, options);
  if (resume) {
    expectSameFunctions(resume, options);
    expectSameSlices(resume, slicesDigest);
  }
  if (resume?.metadata.finished) return resume;
  if (!resume) expectPretraining(strategy, pretrained);
  const { channels } = slices;
  expectTensorsFit(config, strategy.batch(config.adaptation), channels);
  // Kept with the checkpoint: whoever goes on from it need not have the pretraining any more.
  const isPretrained = resume ? resume.metadata.pretrained !== "" : pretrained !== undefined;
  const pretrainedNote = isPretrained ? "yes" : "";
  const kept = { slices: slicesDigest, pretrained: pretrainedNote, ...ownMetadata(options) };
  const keep = async ({ tensors, metadata }: Safetensors) => {
    await save?.({ tensors, metadata: { ...metadata, ...kept } });
  };
  const model = segmentationNetwork(config, classes, channels);
  try {
    takeWeights(model, config, options);
    const hooks = { onSteps, saveEvery, signal };
    const tensors = await strategy.adapt({
      ...{ slices, unlabelled, config, classes, model, pretrained: isPretrained, own: options },
      ...{ hooks, nameOf, validation, resume, save: keep },
    });
    return { tensors, metadata: { ...kept, finished: "yes" } };
  } finally {
    disposeWeights(model.weights);
  }
}

/** Makes sure that a strategy has the pretraining that it needs. */
function expectPretraining({ name, pretraining }: Strategy, given?: Safetensors): void {
  if (given || pretraining !== "required") return;
  throw new TypeError(`${name}: expected a pretraining, found none: name one, or scratch`);
}

/** Gives the backbone the weights that the adaptation starts from, or goes on from. */
function takeWeights(
  { backbone }: SegmentationNetwork,
  config: Config,
  { strategy, pretrained, partial, onMatch, resume }: AdaptOptions,
): void {
  const { weights } = sequence({ backbone });
  if (resume) importWeights(weights, resume.tensors, "checkpoint");
  else if (pretrained && STRATEGIES[strategy].pretraining !== "none") {
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
