/** onnxruntime, in WebAssembly, on one thread. */
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** Opens a model of the input "image"; `run` takes a batch as tfjs has it. */
export async function openOnnx(model: Uint8Array): Promise<{
  run: (x: tf.Tensor4D, output: string) => Promise<{ values: Float32Array; dims: number[] }>;
  release: () => Promise<void>;
}> {
  const session = await ort.InferenceSession.create(model);
  return {
    run: async (x, output) => {
      const nchw = tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]));
      const image = new ort.Tensor("float32", await nchw.data() as Float32Array, nchw.shape);
      nchw.dispose();
      const { data, dims } = (await session.run({ image }))[output];
      return { values: data as Float32Array, dims: [...dims] };
    },
    release: () => session.release(),
  };
}
