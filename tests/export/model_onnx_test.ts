import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { encodeModelFile, modelFileOf, networkOf } from "../../lib/export/model_file.ts";
import { encodeModelOnnx } from "../../lib/export/model_onnx.ts";
import { random } from "../../lib/math/random.ts";
import { decodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { segmentationNetwork } from "../../lib/training/weights/segmentation_model.ts";
import { exportWeights } from "../../lib/training/weights/weight_tensors.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { onnxMetadata, openOnnx } from "../support/onnxruntime.ts";
import { onCpu, TINY, withoutLeak } from "../training/tiny.ts";
import { WORDINGS } from "../support/wordings.ts";

const structures = [{ label: 1, name: "RV" }, { label: 2, name: "Myo „x“" }];

/** A model of random weights: of classes, or of features. */
async function model(output: "logits" | "features") {
  const { weights } = segmentationNetwork(TINY, 3);
  const tensors = await exportWeights(weights);
  disposeWeights(weights);
  const given = output === "logits" ? structures : [];
  if (output === "features") {
    for (const name of ["weight", "bias"]) delete tensors[`head.0.${name}`];
  }
  return modelFileOf({ tensors, metadata: {} }, { config: TINY, structures: given });
}

for (const output of ["logits", "features"] as const) {
  Deno.test(
    `encodeModelOnnx() writes ${output} that onnxruntime computes, and what safetensors says too`,
    onCpu(withoutLeak(async () => {
      const file = await model(output);
      const onnx = await encodeModelOnnx(file);
      const { crc32c: _, ...said } = decodeSafetensors(encodeModelFile(file), "x").metadata;
      assert.deepEqual(onnxMetadata(onnx), said);
      assert.equal(said.output, output);
      assert.deepEqual(JSON.parse(said.structures), file.structures);
      assert.deepEqual(JSON.parse(said.preprocessing), {
        size: 16,
        spacing: 10,
        percentiles: [1, 99],
        divisor: 2,
      });
      const session = await openOnnx(onnx);
      const x = normals([2, 6, 10, 1], random("model onnx"));
      const { values } = await session.run(x, output);
      const network = networkOf(file);
      const expected = tf.tidy(() =>
        tf.transpose(network.forward(x, { training: false }), [0, 3, 1, 2])
      );
      assertClose(values, await expected.data(), 1e-4);
      await session.release();
      disposeWeights(network.weights);
      tf.dispose([x, expected]);
    })),
  );
}

Deno.test("encodeModelOnnx() refuses an in-context model", async () => {
  const file = await model("logits");
  const memory = { "memory.features": { shape: [1, 8], values: new Float32Array(8) } };
  await assert.rejects(
    encodeModelOnnx({ ...file, tensors: { ...file.tensors, ...memory } }, "run"),
    {
      name: "TypeError",
      message:
        /^run: expected a network for ONNX, found an in-context model, .*export it as safetens/,
    },
  );
});

Deno.test("encodeModelOnnx() refuses weights that are not its configuration's", async () => {
  const file = await model("logits");
  const { "backbone.up.0.0.weight": _, ...tensors } = file.tensors;
  await assert.rejects(encodeModelOnnx({ ...file, tensors }, "run"), {
    name: "TypeError",
    message: new RegExp(
      `^run: ${WORDINGS.otherArchitecture}, .* 0 have another shape, 1 are missing$`,
    ),
  });
});

Deno.test(
  "encodeModelOnnx() writes the channels that a model sees, and their names",
  onCpu(withoutLeak(async () => {
    const channels = ["T1", "T2", "flair"];
    const { weights } = segmentationNetwork(TINY, 3, channels.length);
    const tensors = await exportWeights(weights);
    disposeWeights(weights);
    const file = modelFileOf({ tensors, metadata: {} }, { config: TINY, structures, channels });
    const onnx = await encodeModelOnnx(file);
    assert.deepEqual(JSON.parse(onnxMetadata(onnx).channels), channels);
    const session = await openOnnx(onnx);
    const x = normals([2, 6, 10, 3], random("model onnx"));
    const { values } = await session.run(x, "logits");
    const network = networkOf(file);
    const expected = tf.tidy(() =>
      tf.transpose(network.forward(x, { training: false }), [0, 3, 1, 2])
    );
    assertClose(values, await expected.data(), 1e-4);
    await session.release();
    disposeWeights(network.weights);
    tf.dispose([x, expected]);
  })),
);
