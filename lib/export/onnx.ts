/**
 * Networks as ONNX. A network is written nowhere a second time: it runs once on a backend whose
 * kernels note the operations instead of computing them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import type { HostTensor } from "../training/weights/safetensors.ts";
import { exportWeights } from "../training/weights/weight_tensors.ts";
import { encodeOnnx, type OnnxGraph } from "./onnx_file.ts";
import { registerOperations } from "./operations.ts";
import { Recorder } from "./recorder.ts";

/** The name under which tfjs knows the backend that records. */
const BACKEND = "onnx-recorder";

/** Options of {@linkcode exportOnnx}. */
export interface ExportOnnxOptions {
  /** Height and width must be multiples of this. */
  divisor: number;
  /** What comes out: "logits" of classes, or "features". */
  output: "logits" | "features";
  /** Channels of the slices; 1 by default. */
  channels?: number;
  /** The network's weights, where they are at hand; read from the network if not given. */
  tensors?: Record<string, HostTensor>;
  /** What else is to be known of the model: its `metadata_props`, text by key. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a network in evaluation mode as an ONNX model: "image" [batch, channels, height, width]
 * → `output` [batch, classes or features, height, width], float32, at any batch, height and width.
 *
 * @throws {Error} if the network has an operation that is not known here, naming it.
 */
export async function exportOnnx(
  network: Network,
  options: ExportOnnxOptions,
): Promise<Uint8Array> {
  return encodeOnnx(await recordForward(network, options), options.metadata);
}

async function recordForward(
  { weights, forward }: Network,
  { divisor, output, channels = 1, tensors }: ExportOnnxOptions,
): Promise<OnnxGraph> {
  const host = tensors ?? await exportWeights(weights);
  const recorder = new Recorder();
  for (const [name, weight] of Object.entries(weights)) {
    recorder.know(weight, { name, weight: host[name] });
  }
  const before = tf.getBackend();
  registerOperations(BACKEND);
  tf.registerBackend(BACKEND, () => recorder);
  try {
    await tf.setBackend(BACKEND);
    const { name, values } = tf.tidy(() => {
      const x: tf.Tensor4D = tf.zeros([1, divisor, divisor, channels]);
      recorder.know(x, { name: "image" });
      const y = forward(x, { training: false });
      return { name: recorder.recorded(y).name, values: y.shape[3] };
    });
    const renamed = (value: string) => value === name ? output : value;
    return {
      input: { name: "image", shape: ["batch", channels, "height", "width"] },
      output: { name: output, shape: ["batch", values, "height", "width"] },
      nodes: recorder.nodes.map(({ inputs, output, ...node }) => ({
        ...node,
        inputs: inputs.map(renamed),
        output: renamed(output),
      })),
      constants: recorder.constants,
    };
  } finally {
    await tf.setBackend(before);
    tf.removeBackend(BACKEND);
  }
}
