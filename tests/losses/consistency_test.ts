import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { consistency, consistencyWeight } from "../../lib/losses/consistency.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { assertGradient, normals, value } from "./gradients.ts";

const SHAPE: [number, number, number, number] = [2, 3, 2, 3];

testOnBackends("consistency() is the mean squared difference of the softmaxes", async () => {
  const logits = normals<tf.Rank.R4>(SHAPE, 1);
  const other = normals<tf.Rank.R4>(SHAPE, 2);
  const softmax = (pixel: number[]) => {
    const exponentials = pixel.map(Math.exp);
    return exponentials.map((e) => e / exponentials.reduce((a, b) => a + b));
  };
  const pixels = (x: tf.Tensor) => tf.reshape(x, [-1, 3]).array() as Promise<number[][]>;
  const ours = (await pixels(logits)).map(softmax).flat();
  const theirs = (await pixels(other)).map(softmax).flat();
  const expected = ours.reduce((sum, p, i) => sum + (p - theirs[i]) ** 2, 0) / ours.length;
  const target = tf.softmax(other);
  assertClose(await value(consistency(logits, target)), expected, 1e-5);
  assertClose(await value(consistency(other, target)), 0, 1e-6);
});

testOnBackends("consistency() has the gradient of its finite differences", async () => {
  const target = tf.softmax(normals<tf.Rank.R4>(SHAPE, 3));
  const x = normals<tf.Rank.R4>(SHAPE, 4);
  await assertGradient((x) => consistency(x as tf.Tensor4D, target), x);
});

Deno.test("consistencyWeight() waits for the warm-up, then rises to its full weight", () => {
  const ramp = { weight: 0.1, warmup: 0.25, steps: 20 };
  const weights = Array.from({ length: 20 }, (_, i) => consistencyWeight(i + 1, ramp));
  assert.deepEqual(weights.slice(0, 5), [0, 0, 0, 0, 0]);
  assertClose(weights[9], 0.1 * Math.exp(-5 / 4), 1e-12);
  assert.equal(weights[19], 0.1);
  weights.slice(6).forEach((weight, i) => assert.ok(weight > weights[5 + i] && weights[5 + i] > 0));
  assert.equal(consistencyWeight(20, { ...ramp, warmup: 1 }), 0);
});
