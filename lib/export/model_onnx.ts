/**
 * Models as ONNX, with all that must be known to use them.
 *
 * @module
 */
import { disposeWeights } from "../backbones/weights.ts";
import { type ModelFile, modelMetadata, networkOf, preprocessingOf } from "./model_file.ts";
import { exportOnnx } from "./onnx.ts";

/**
 * Writes a model as {@linkcode exportOnnx} writes its network; the model's `metadata_props` are what
 * {@linkcode modelMetadata} says.
 *
 * @param source Where the model comes from, for errors.
 * @throws {TypeError} if its weights are not those that its configuration asks for, or it is an
 * in-context model, whose memory is no network.
 */
export async function encodeModelOnnx(model: ModelFile, source = "model"): Promise<Uint8Array> {
  if ("memory.features" in model.tensors) {
    throw new TypeError(
      `${source}: expected a network for ONNX, found an in-context model, which compares with ` +
        "labelled pixels; export it as safetensors",
    );
  }
  const network = networkOf(model, source);
  try {
    const { divisor } = preprocessingOf(model.config);
    const metadata = modelMetadata(model);
    return await exportOnnx(network, { divisor, output: model.output, metadata });
  } finally {
    disposeWeights(network.weights);
  }
}
