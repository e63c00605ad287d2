import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { createBackbone } from "../../lib/backbones/create_backbone.ts";
import { segmentationHead } from "../../lib/backbones/heads.ts";
import { sequence } from "../../lib/backbones/sequence.ts";
import type { Network } from "../../lib/backbones/weights.ts";
import { useBackend } from "../../lib/backends/select.ts";
import { BACKBONES } from "../../lib/config/backbone.ts";
import { exportOnnx } from "../../lib/export/onnx.ts";
import { random } from "../../lib/math/random.ts";
import { disturbNorms } from "../backbones/references.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { openOnnx } from "../support/onnxruntime.ts";
import { onCpu, withoutLeak } from "../training/tiny.ts";

const divisor = 4;

for (const [name, channels] of BACKBONES.flatMap((name) => [[name, 1], [name, 2]] as const)) {
  Deno.test(
    `exportOnnx() of ${name} for ${channels}: onnxruntime computes the same logits at any batch and size`,
    onCpu(withoutLeak(async () => {
      const backend = tf.getBackend();
      const backbone = createBackbone({ name, widths: [4, 8, 16], features: 5 }, {
        channels,
        seed: 1,
      });
      const model = sequence({ backbone, head: segmentationHead({ from: 5, classes: 3 }) });
      await disturbNorms(model.weights);
      const session = await openOnnx(
        await exportOnnx(model, { divisor, output: "logits", channels }),
      );
      assert.equal(tf.getBackend(), backend);
      for (const [batch, height, width] of [[1, 4, 4], [3, 16, 16], [2, 8, 20], [1, 64, 48]]) {
        const x = normals([batch, height, width, channels], random("onnx", name));
        const expected = model.forward(x, { training: false });
        const { values, dims } = await session.run(x, "logits");
        assert.deepEqual(dims, [batch, 3, height, width]);
        const nchw = tf.tidy(() => tf.transpose(expected, [0, 3, 1, 2]));
        assertClose(values, await nchw.data(), 1e-4);
        tf.dispose([x, expected, nchw]);
      }
      await session.release();
      tf.dispose(model.weights);
    })),
  );
}

Deno.test("exportOnnx() names the operation that it does not know, and gives the backend back", async () => {
  await useBackend("cpu");
  const network: Network = { weights: {}, forward: (x) => tf.cos(x) };
  await assert.rejects(exportOnnx(network, { divisor, output: "features" }), /'Cos'/);
  assert.equal(tf.getBackend(), "cpu");
  const other: Network = { weights: {}, forward: (x) => tf.mul(x, 2) };
  await assert.rejects(
    exportOnnx(other, { divisor, output: "features" }),
    /expected operations on weights and the input, found a constant of shape \[\]/,
  );
});
