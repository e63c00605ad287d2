import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { unet } from "../../lib/backbones/unet.ts";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { random } from "../../lib/math/random.ts";
import { exportWeights, importWeights } from "../../lib/training/weights/weight_tensors.ts";
import { valueAndGradients } from "../../lib/training/optimiser.ts";
import { decodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, fixturePath, withFixtures } from "../support/fixtures.ts";
import { normals } from "../support/gradients.ts";

/** The network of the fixture with its PyTorch weights, the input and the output's gradient. */
function reference() {
  const expected = fixture("unet.json");
  const network = unet({ widths: expected.widths, features: expected.out });
  const path = fixturePath("unet.safetensors");
  importWeights(network.weights, decodeSafetensors(readFileSync(path), path).tensors, path);
  const nhwc = (values: number[][][][]): tf.Tensor4D =>
    tf.tidy(() => tf.transpose(tf.tensor4d(values), [0, 2, 3, 1]));
  return { expected, network, x: nhwc(expected.x), dy: nhwc(expected.dy), nhwc };
}

testOnBackends(withFixtures("unet() in eval mode agrees with PyTorch"), async () => {
  const { expected, network, x, nhwc } = reference();
  const y = network.forward(x, { training: false });
  assertClose(await y.array(), await nhwc(expected.y_eval).array());
});

testOnBackends(
  withFixtures("unet() in train mode agrees with PyTorch: output, statistics, gradients"),
  async () => {
    const { expected, network, x, dy, nhwc } = reference();
    let y: tf.Tensor4D | undefined;
    const { gradients } = valueAndGradients(network.weights, () => {
      y = tf.keep(network.forward(x, { training: true }));
      return tf.sum(tf.mul(y, dy));
    });
    assertClose(await y!.array(), await nhwc(expected.y_train).array());
    for (const [name, values] of Object.entries(expected.running_mean_after)) {
      assertClose(await network.weights[name].array() as number[], values as number[]);
    }
    for (const [name, values] of Object.entries(expected.running_var_after)) {
      assertClose(await network.weights[name].array() as number[], values as number[]);
    }
    for (const [name, norm] of Object.entries(expected.grad_norms)) {
      const [found] = await tf.norm(gradients[name]).data();
      assertClose([found], [norm as number]);
    }
  },
);

testOnBackends("unet() gives every pixel its features at any width and size", () => {
  const network = unet({ widths: [3, 4], features: 5 });
  const y = network.forward(normals([2, 4, 6, 1], random("unet")), { training: true });
  assert.deepEqual(y.shape, [2, 4, 6, 5]);
});

testOnBackends("unet() encodes with its descending levels alone", async () => {
  const network = unet({ widths: [2, 4, 6], features: 3 });
  const x = normals([2, 8, 12, 1], random("unet encoder"));
  assert.deepEqual([network.bottleneck, network.divisor], [6, 4]);
  const encoded = network.encode(x, { training: false });
  assert.deepEqual(encoded.shape, [2, 2, 3, 6]);
  for (const [name, weight] of Object.entries(network.weights)) {
    if (!name.startsWith("down.")) weight.assign(tf.zerosLike(weight));
  }
  assert.deepEqual(
    await network.encode(x, { training: false }).data(),
    await encoded.data(),
  );
  network.weights["down.2.3.weight"].assign(tf.zerosLike(network.weights["down.2.3.weight"]));
  const silent = await network.encode(x, { training: false }).data();
  assert.ok(silent.every((value) => value === 0));
});

testOnBackends("unet() keeps no tensor beyond its weights and its output", () => {
  const before = tf.memory().numTensors;
  const network = unet({ widths: [2, 4, 8], features: 3 });
  const x = normals([1, 8, 8, 1], random("unet memory"));
  const { value, gradients } = valueAndGradients(
    network.weights,
    () => tf.sum(network.forward(x, { training: true })),
  );
  tf.dispose([x, value, gradients]);
  disposeWeights(network.weights);
  assert.equal(tf.memory().numTensors, before);
});

testOnBackends("unet() draws the same weights from the same seed", async () => {
  const weights = async (seed: number) =>
    await exportWeights(unet({ widths: [2, 4], features: 3, seed }).weights);
  assert.deepEqual(await weights(1), await weights(1));
  assert.notDeepEqual(await weights(1), await weights(2));
});

Deno.test("unet() refuses sizes and widths that do not halve", () => {
  assert.throws(() => unet({ widths: [4], features: 3 }), /two or more widths/);
  assert.throws(() => unet({ widths: [4, 5], features: 3 }), /found \[4,5\]/);
});
