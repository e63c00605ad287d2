import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import {
  addBatchNorm,
  addConv,
  addTransposedConv,
  batchNormRelu,
  conv,
  depthwiseConv,
  disposeWeights,
  trainable,
  type Weights,
} from "../../lib/backbones/weights.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { onCpu, withoutLeak } from "../training/tiny.ts";

Deno.test(
  "addConv() and addTransposedConv() draw uniformly within 1/√fan-in",
  onCpu(async () => {
    const weights: Weights = {};
    const [kernel, from, to, seed] = [3, 8, 16, 1];
    addConv(weights, "conv", { kernel, from, to, bias: true, seed });
    addTransposedConv(weights, "up", { kernel, from, to, seed });
    assert.deepEqual(weights["conv.weight"].shape, [kernel, kernel, from, to]);
    assert.deepEqual(weights["up.weight"].shape, [kernel, kernel, to, from]);
    for (const [name, fanIn] of [["conv", 9 * from], ["up", 9 * to]] as const) {
      assert.deepEqual(weights[`${name}.bias`].shape, [to]);
      const values = [...await weights[`${name}.weight`].data()];
      const bound = 1 / Math.sqrt(fanIn);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      assert.ok(largest <= bound && largest > 0.98 * bound);
      const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
      assertClose([square], [bound ** 2 / 3], 0.1, 0);
    }
    addConv(weights, "plain", { kernel, from, to, bias: false, seed });
    assert.equal(weights["plain.bias"], undefined);
    assert.notDeepEqual(await weights["plain.weight"].data(), await weights["conv.weight"].data());
  }),
);

testOnBackends("batchNormRelu() normalises by the batch, then by what it saw of it", async () => {
  const weights: Weights = {};
  addBatchNorm(weights, "bn", 2);
  const x: tf.Tensor4D = tf.add(tf.mul(normals([2, 3, 3, 2], random("bn")), 3), 5);
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const normalised = (mean: tf.Tensor, variance: tf.Tensor) =>
    tf.relu(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))).data();

  const trained = batchNormRelu(x, weights, { name: "bn", training: true });
  assertClose(await trained.data(), await normalised(mean, variance), 1e-4);
  const running = [tf.mul(mean, 0.1), tf.add(0.9, tf.mul(variance, 0.1 * 18 / 17))];
  assertClose(await weights["bn.running_mean"].data(), await running[0].data(), 1e-5);
  assertClose(await weights["bn.running_var"].data(), await running[1].data(), 1e-5);

  const evaluated = batchNormRelu(x, weights, { name: "bn", training: false });
  assertClose(await evaluated.data(), await normalised(running[0], running[1]), 1e-4);
});

testOnBackends("conv() of stride 2 centres its filter on every second pixel", async () => {
  const weights: Weights = {};
  for (const kernel of [1, 2, 3]) {
    addConv(weights, `${kernel}`, { kernel, from: 2, to: 3, bias: true, seed: 1 });
    const x = normals([2, 4, 6, 2], random("stride"));
    const y = conv(x, weights, `${kernel}`, { stride: 2 });
    const around = kernel === 3 ? 1 : 0;
    const wide = tf.pad(x, [[0, 0], [around, around], [around, around], [0, 0]]) as tf.Tensor4D;
    const filter = weights[`${kernel}.weight`] as tf.Tensor as tf.Tensor4D;
    const expected = tf.add(tf.conv2d(wide, filter, 2, "valid"), weights[`${kernel}.bias`]);
    assert.deepEqual(y.shape, [2, 2, 3, 3]);
    assertClose(await y.data(), await expected.data(), 1e-5);
  }
});

testOnBackends("depthwiseConv() is a convolution that mixes no channels", async () => {
  const weights: Weights = {};
  addConv(weights, "dw", { kernel: 5, from: 1, to: 3, bias: true, seed: 1 });
  const diagonal = tf.tensor4d([1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 1, 3, 3]);
  const x = normals([2, 6, 7, 3], random("depthwise"));
  const full = (weight: tf.Tensor, x: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, tf.mul(weight, diagonal) as tf.Tensor4D, 1, "same");
  const expected = tf.add(full(weights["dw.weight"], x), weights["dw.bias"]);
  assertClose(await depthwiseConv(x, weights, "dw").data(), await expected.data(), 1e-5);

  const dy = normals([2, 6, 7, 3], random("depthwise gradient"));
  const own = (weight: tf.Tensor, x: tf.Tensor) =>
    depthwiseConv(x as tf.Tensor4D, { "dw.weight": weight as tf.Variable }, "dw");
  const inputs = [weights["dw.weight"] as tf.Tensor, x];
  const [found, wanted] = [own, full].map((f) => tf.grads(f)(inputs, dy));
  for (const i of [0, 1]) assertClose(await found[i].data(), await wanted[i].data(), 1e-5);
});

Deno.test(
  "trainable() leaves out running statistics, and disposeWeights() frees them too",
  onCpu(withoutLeak(() => {
    const weights: Weights = {};
    addBatchNorm(weights, "bn", 2);
    assert.deepEqual(Object.keys(trainable(weights)), ["bn.weight", "bn.bias"]);
    disposeWeights(weights);
    return Promise.resolve();
  })),
);
