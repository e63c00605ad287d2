import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import { takeSlices } from "../../lib/data/slices/slices.ts";
import { labelledFeatures } from "../../lib/analysis/pixel_features.ts";
import { probeDice } from "../../lib/analysis/probe_dice.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { tinyNetwork, tinySlices, unlabelled } from "../training/tiny.ts";

const slices = tinySlices(5);

/** A network without weights. */
function network(forward: (x: tf.Tensor4D) => tf.Tensor): Network {
  return { weights: {}, forward: (x) => tf.tidy(() => forward(x) as tf.Tensor4D) };
}

testOnBackends("probeDice() is 1 for features that tell every structure apart", async () => {
  const direction = network((x) => tf.concat([tf.cos(x), tf.sin(x)], 3));
  assert.equal(await probeDice(direction, slices, { classes: 3 }), 1);
});

testOnBackends("probeDice() is near 0 for features that tell nothing", async () => {
  const nothing = network((x) => tf.concat([tf.onesLike(x), tf.zerosLike(x)], 3));
  assert.ok(await probeDice(nothing, slices, { classes: 3 }) < 0.4);
});

testOnBackends("probeDice() is the vote of the five nearest pixels", async () => {
  const noise = normals([1, 16, 16, 2], random("probe"));
  const noisy = network((x) => tf.concat([tf.mul(x, 3), tf.tile(noise, [x.shape[0], 1, 1, 1])], 3));
  const pixels = async (positions: number[]) => {
    const { features, labels } = labelledFeatures(noisy, takeSlices(slices, positions));
    return (await features.array() as number[][]).map((row, i) => ({
      row: row.map((x) => x / Math.hypot(...row)),
      label: labels[i],
    }));
  };
  const [memory, test] = [await pixels([0, 1, 2]), await pixels([3, 4])];
  const found = test.map(({ row }) => {
    const nearest = memory
      .map(({ row: other, label }) => ({ label, cosine: dot(row, other) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 5)
      .map(({ label }) => label);
    const votes = [0, 1, 2].map((label) => nearest.filter((vote) => vote === label).length);
    return nearest.find((label) => votes[label] === Math.max(...votes));
  });
  const dice = [1, 2].map((label) => {
    const both = test.filter((pixel, i) => pixel.label === label && found[i] === label).length;
    const there = test.filter((pixel) => pixel.label === label).length;
    return 2 * both / (there + found.filter((vote) => vote === label).length);
  });
  const expected = (dice[0] + dice[1]) / 2;
  assert.ok(expected > 0.2 && expected < 1);
  assertClose(await probeDice(noisy, slices, { classes: 3 }), expected, 1e-6);
});

testOnBackends("probeDice() counts a structure that is nowhere as found", async () => {
  const direction = network((x) => tf.concat([tf.cos(x), tf.sin(x)], 3));
  const empty = { ...slices, labels: new Uint8Array(slices.labels.length) };
  assert.equal(await probeDice(direction, empty, { classes: 4 }), 1);
});

testOnBackends("probeDice() refuses what it cannot halve, and slices without labels", async () => {
  const direction = network((x) => tf.concat([x, x], 3));
  await assert.rejects(probeDice(direction, tinySlices(1), { classes: 3 }), {
    name: "RangeError",
    message: /expected two slices or more, .* found 1$/,
  });
  await assert.rejects(probeDice(direction, unlabelled(slices), { classes: 3 }), TypeError);
});

testOnBackends("probeDice() keeps no tensor", async () => {
  const backbone = tinyNetwork();
  const before = tf.memory().numTensors;
  await probeDice(backbone, slices, { classes: 3 });
  assert.equal(tf.memory().numTensors, before);
});

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, x, k) => sum + x * b[k], 0);
}
