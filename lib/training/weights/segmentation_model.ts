/**
 * Segmentation networks: a backbone with a head of classes, and how a checkpoint becomes one.
 *
 * @module
 */
import type { Backbone } from "../../backbones/backbone.ts";
import { segmentationHead } from "../../backbones/heads.ts";
import { sequence } from "../../backbones/sequence.ts";
import { createBackbone } from "../../backbones/create_backbone.ts";
import { disposeWeights, type Network } from "../../backbones/weights.ts";
import type { Config } from "../../config/config.ts";
import { memoryHead, memoryWeights } from "../../inference/in_context.ts";
import { importWeights, inputChannels, withPrefix } from "./weight_tensors.ts";
import type { HostTensor, Safetensors } from "./safetensors.ts";

/** Where a checkpoint keeps a teacher: a strategy that has one trains its student beside it. */
export const TEACHER = "teacher.";

/** A backbone and a linear head, as one network of weights `backbone.…` and `head.…`. */
export interface SegmentationNetwork extends Network {
  /** The backbone; its weights are shared. */
  backbone: Backbone;
  /** The head; its weights are shared. */
  head: Network;
}

/**
 * Makes a segmentation network with the configuration's sizes and seed.
 *
 * @param classes The background included.
 * @param channels Of the slices; 1 by default.
 */
export function segmentationNetwork(
  { backbone: settings, seed }: Config,
  classes: number,
  channels = 1,
): SegmentationNetwork {
  const backbone = createBackbone(settings, { channels, seed });
  const head = segmentationHead({ from: backbone.features, classes, seed });
  return { ...sequence({ backbone, head }), backbone, head };
}

/** Options of {@linkcode segmentationModel}. */
export interface SegmentationModelOptions {
  /** The configuration that the checkpoint was trained with. */
  config: Config;
  /** Number of classes, the background included. */
  classes: number;
  /** Where the checkpoint comes from, for the error; "checkpoint" by default. */
  source?: string;
  /** Which model of a student and its teacher; the teacher by default. */
  part?: "student" | "teacher";
}

/** Whether a checkpoint holds a student and its teacher: two models. */
export function hasTeacher({ tensors }: Safetensors): boolean {
  return Object.keys(tensors).some((name) => name.startsWith(TEACHER));
}

/**
 * The segmentation model of a checkpoint that {@linkcode adapt} made, for slices of the channels that
 * its weights ask for. Of a student and its teacher it is the teacher, unless the student is asked for.
 *
 * @throws {TypeError} if the checkpoint is of another architecture.
 */
export function segmentationModel(
  checkpoint: Safetensors,
  { config, classes, source = "checkpoint", part = "teacher" }: SegmentationModelOptions,
): Network {
  const tensors = part === "teacher" && hasTeacher(checkpoint)
    ? withPrefix(TEACHER, checkpoint.tensors)
    : checkpoint.tensors;
  const channels = inputChannels(tensors, config.backbone);
  const model = "memory.features" in tensors
    ? inContextModel(tensors["memory.features"], { config, classes, channels })
    : segmentationNetwork(config, classes, channels);
  try {
    importWeights(model.weights, tensors, source);
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  }
  return model;
}

/** The models of a checkpoint. */
export interface SegmentationModels {
  /** The model to use. */
  model: Network;
  /** The student, where `model` is a teacher. */
  student?: Network;
}

/**
 * All models of a checkpoint that {@linkcode adapt} made.
 *
 * @throws {TypeError} if the checkpoint is of another architecture.
 */
export function segmentationModels(
  checkpoint: Safetensors,
  options: Omit<SegmentationModelOptions, "part">,
): SegmentationModels {
  const model = segmentationModel(checkpoint, options);
  if (!hasTeacher(checkpoint)) return { model };
  return { model, student: segmentationModel(checkpoint, { ...options, part: "student" }) };
}

/** A backbone with a memory of the right size. */
function inContextModel(
  { shape }: HostTensor,
  { config, classes, channels }: { config: Config; classes: number; channels: number },
): Network {
  const backbone = createBackbone(config.backbone, { channels });
  const { neighbours } = config.adaptation.inContext;
  const weights = memoryWeights(shape[0], backbone.features);
  return sequence({ backbone, memory: memoryHead(weights, { neighbours, classes }) });
}
