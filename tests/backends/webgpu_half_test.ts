/** Convolutions in half precision, beside float32. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { availableBackends, useBackend } from "../../lib/backends/select.ts";
import { findAdapter } from "../../lib/backends/webgpu/device.ts";
import type { StepRecord } from "../../lib/training/loop.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import { BACKENDS } from "../support/backends.ts";
import { IMAGE_LOSSES, TINY, tinySlices } from "../training/tiny.ts";
import { noise } from "./oracle.ts";

const halves = (await findAdapter())?.features.has("shader-f16") ?? false;
const ignore = !BACKENDS.includes("webgpu") || !halves;

/** The values of a computation in both precisions. */
async function inBoth(compute: () => tf.Tensor[]): Promise<[Float32Array, Float32Array][]> {
  const results: Float32Array[][] = [];
  for (const precision of ["float32", "mixed"] as const) {
    await useBackend("webgpu", { precision });
    const tensors = tf.tidy(compute);
    results.push(await Promise.all(tensors.map((tensor) => tensor.data<"float32">())));
    tf.dispose(tensors);
  }
  return results[0].map((whole, i) => [whole, results[1][i]]);
}

// Two, as software takes seconds to compile each shader of halves.
const CASES: [x: number[], filter: number[], stride: number][] = [
  [[2, 12, 10, 8], [3, 3, 8, 16], 1],
  [[1, 6, 6, 5], [2, 2, 5, 4], 2],
];

// Gradients of losses over many pixels are smaller than any half.
for (const size of [1, 1e-9, 1e6]) {
  Deno.test({
    name: `convolutions in half precision are within it, gradients of ${size} too`,
    ignore,
    fn: async () => {
      for (const [x, filter, stride] of CASES) {
        const pairs = await inBoth(() => {
          const conv = (x: tf.Tensor, filter: tf.Tensor) =>
            tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, "same");
          const inputs = [noise(x), noise(filter, 1)];
          const y = conv(inputs[0], inputs[1]);
          return [y, ...tf.grads(conv)(inputs, tf.mul(noise(y.shape, 2), size))];
        });
        for (const [whole, half] of pairs) {
          const most = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          const error = whole.reduce((most, v, i) => Math.max(most, Math.abs(v - half[i])), 0);
          // Halves have 11 bits; were they not used, the error would be that of float32.
          assert.ok(error / most < 4e-3, `${x} with ${filter}: ${error / most}`);
          assert.ok(error / most > 1e-6, `${x} with ${filter}: ${error / most}, float32's`);
        }
      }
    },
  });
}

Deno.test({
  name: "a gradient of zeros stays one in half precision",
  ignore,
  fn: async () => {
    const [[, dx]] = await inBoth(() => {
      const conv = (x: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, noise([3, 3, 4, 4], 1) as tf.Tensor4D, 1, "same");
      return [tf.grad(conv)(noise([1, 5, 5, 4]), tf.zeros([1, 5, 5, 4]))];
    });
    assert.ok(dx.every((value) => value === 0));
  },
});

Deno.test({
  name: "pretrain() in half precision goes the way of float32",
  ignore,
  fn: async () => {
    const lossesIn = async (precision: "float32" | "mixed") => {
      await useBackend("webgpu", { precision });
      const records: StepRecord[] = [];
      const onSteps = (group: StepRecord[]) => void records.push(...group);
      await pretrain(tinySlices(4), { ...TINY, loss: IMAGE_LOSSES[0] }, { steps: 5, onSteps });
      return records.map(({ loss }) => loss);
    };
    const [whole, half] = [await lossesIn("float32"), await lossesIn("mixed")];
    // What training makes of the difference grows with the steps.
    whole.forEach((loss, i) => {
      const error = Math.abs(loss - half[i]) / loss;
      assert.ok(error < (i < 3 ? 0.02 : 0.05), `step ${i + 1}: ${loss}, ${half[i]}`);
    });
  },
});

Deno.test("mixed precision is refused where there are no halves", async () => {
  const [cpu] = await availableBackends();
  await assert.rejects(useBackend(cpu, { precision: "mixed" }), {
    message:
      `precision mixed: expected the backend webgpu on a GPU with shader-f16, found ${cpu}; ` +
      "choose the precision float32",
  });
});
