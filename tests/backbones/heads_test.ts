import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { projectionHead, segmentationHead } from "../../lib/backbones/heads.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { onCpu } from "../training/tiny.ts";

const x = () => normals([2, 4, 4, 5], random("heads"));

/** Names of the weights by layer: "0" is a convolution, "1" a batch norm. */
function layers(depth: number): string[] {
  const { weights } = projectionHead({ depth, from: 5, width: 3 });
  return [...new Set(Object.keys(weights).map((name) => name.split(".")[0]))];
}

Deno.test(
  "projectionHead() of every depth gives the width, of depth 0 its input",
  onCpu(async () => {
    const input = x();
    for (const depth of [0, 1, 2, 3]) {
      const head = projectionHead({ depth, from: 5, width: 3 });
      for (const training of [true, false]) {
        const y = head.forward(input, { training });
        assert.deepEqual(y.shape, [2, 4, 4, depth ? 3 : 5]);
        assert.notEqual(y.id, input.id);
        if (!depth) assert.deepEqual(await y.array(), await input.array());
      }
    }
  }),
);

Deno.test(
  "projectionHead() has batch norm between its convolutions, none after the last",
  onCpu(
    () => {
      assert.deepEqual([0, 1, 2, 3].map(layers), [
        [],
        ["0"],
        ["0", "1", "3"],
        ["0", "1", "3", "4", "6"],
      ]);
    },
  ),
);

testOnBackends("projectionHead() of depth 2 is conv, batch norm, ReLU, conv", async () => {
  const { weights, forward } = projectionHead({ depth: 2, from: 5, width: 3, seed: 4 });
  const dense = (x: tf.Tensor2D, layer: string) => {
    const matrix = tf.squeeze<tf.Tensor2D>(weights[`${layer}.weight`], [0, 1]);
    return tf.add<tf.Tensor2D>(tf.matMul(x, matrix), weights[`${layer}.bias`]);
  };
  const hidden = dense(tf.reshape(x(), [-1, 5]), "0");
  const { mean, variance } = tf.moments(hidden, 0);
  const normalised = tf.div(tf.sub(hidden, mean), tf.sqrt(tf.add(variance, 1e-5)));
  const expected = dense(tf.relu(normalised) as tf.Tensor2D, "3");
  assertClose(await forward(x(), { training: true }).data(), await expected.data(), 1e-4);
});

Deno.test("projectionHead() refuses depths that do not exist", () => {
  for (const depth of [-1, 4, 1.5, NaN]) {
    assert.throws(() => projectionHead({ depth, from: 5, width: 3 }), {
      name: "RangeError",
      message: `projectionHead: expected a depth of 0 to 3, found ${depth}`,
    });
  }
});

testOnBackends("segmentationHead() is one linear map of each pixel's features", async () => {
  const { weights, forward } = segmentationHead({ from: 5, classes: 4, seed: 2 });
  assert.deepEqual(Object.keys(weights), ["0.weight", "0.bias"]);
  const y = forward(x(), { training: true });
  assert.deepEqual(y.shape, [2, 4, 4, 4]);
  const matrix = tf.squeeze<tf.Tensor2D>(weights["0.weight"], [0, 1]);
  const expected = tf.add(tf.matMul(tf.reshape(x(), [-1, 5]), matrix), weights["0.bias"]);
  assertClose(await y.data(), await expected.data(), 1e-5);
});
