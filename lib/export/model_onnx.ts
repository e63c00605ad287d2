/**
 * Models as ONNX, with all that must be known to use them.
 *
 * @module
 */
import { createBackbone } from "../backbones/create_backbone.ts";
import { sequence } from "../backbones/sequence.ts";
import { disposeWeights } from "../backbones/weights.ts";
import { segmentationNetwork } from "../training/weights/segmentation_model.ts";
import { expectMatch, inputChannels } from "../training/weights/weight_tensors.ts";
import { type ModelFile, modelMetadata, preprocessingOf } from "./model_file.ts";
import { exportOnnx } from "./onnx.ts";

/**
 * Writes a model as {@linkcode exportOnnx} writes its network; the model's `metadata_props` are what
 * {@linkcode modelMetadata} says.
 *
 * @param source Where the model comes from, for errors.
 * @throws {TypeError} if its weights are not those that its configuration asks for, or it is an
 * in-context model, whose memory is no network.
 * @throws {RangeError} if the channels are not as many as the weights see.
 */
export async function encodeModelOnnx(model: ModelFile, source = "model"): Promise<Uint8Array> {
  if ("memory.features" in model.tensors) {
    throw new TypeError(
      `${source}: expected a network for ONNX, found an in-context model, which compares with ` +
        "labelled pixels; export it as safetensors",
    );
  }
  const { tensors, config, structures, output } = model;
  const channels = inputChannels(tensors, config.backbone);
  // Its own weights have no say: what is recorded goes by their names.
  const network = output === "logits"
    ? segmentationNetwork(config, structures.length + 1, channels)
    : sequence({ backbone: createBackbone(config.backbone, { channels }) });
  try {
    expectMatch(network.weights, tensors, source);
    const { divisor } = preprocessingOf(config);
    const metadata = modelMetadata(model);
    return await exportOnnx(network, { divisor, output, channels, tensors, metadata });
  } finally {
    disposeWeights(network.weights);
  }
}
