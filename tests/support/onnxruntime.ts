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

/** The `metadata_props` of a model, which onnxruntime's Web build does not tell. */
export function onnxMetadata(model: Uint8Array): Record<string, string> {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const entries = fieldsOf(model).filter(({ field }) => field === 14).map(({ content }) => {
    const [key, value] = fieldsOf(content);
    return [text(key.content), text(value.content)] as const;
  });
  return Object.fromEntries(entries);
}

/** The fields of a protocol buffer that hold bytes; whole numbers are passed over. */
function fieldsOf(message: Uint8Array): { field: number; content: Uint8Array }[] {
  let at = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;; factor *= 128) {
      const byte = message[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const fields: { field: number; content: Uint8Array }[] = [];
  while (at < message.length) {
    const key = varint();
    const value = varint();
    if ((key & 7) === 0) continue;
    if ((key & 7) !== 2) throw new SyntaxError(`expected bytes or a number, found kind ${key & 7}`);
    fields.push({ field: key >> 3, content: message.subarray(at, at += value) });
  }
  return fields;
}
