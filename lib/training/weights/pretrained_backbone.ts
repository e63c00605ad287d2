/**
 * The backbone of a checkpoint, to look at its features.
 *
 * @module
 */
import type { Backbone } from "../../backbones/backbone.ts";
import { createBackbone } from "../../backbones/create_backbone.ts";
import { disposeWeights } from "../../backbones/weights.ts";
import type { Config } from "../../config/config.ts";
import { importWeights, inputChannels, withPrefix } from "./weight_tensors.ts";
import type { Safetensors } from "./safetensors.ts";

/** Options of {@linkcode pretrainedBackbone}. */
export interface PretrainedBackboneOptions {
  /** The configuration that the checkpoint was trained with. */
  config: Config;
  /** Where the checkpoint comes from, for the error; "checkpoint" by default. */
  source?: string;
}

/**
 * The backbone of a checkpoint that `pretrain` made, or `adapt`, for slices of the channels that its
 * weights ask for.
 *
 * @throws {TypeError} if the checkpoint is of another architecture.
 */
export function pretrainedBackbone(
  { tensors }: Safetensors,
  { config, source = "checkpoint" }: PretrainedBackboneOptions,
): Backbone {
  const channels = inputChannels(tensors, config.backbone);
  const backbone = createBackbone(config.backbone, { channels, seed: config.seed });
  try {
    importWeights(backbone.weights, withPrefix("backbone.", tensors), source);
  } catch (error) {
    disposeWeights(backbone.weights);
    throw error;
  }
  return backbone;
}
