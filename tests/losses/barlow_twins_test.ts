import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { barlowTwins, crossCorrelation } from "../../lib/losses/barlow_twins.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { assertGradient, normals, value } from "./gradients.ts";

testOnBackends(
  withFixtures("barlowTwins() agrees with PyTorch in value, correlation and gradients"),
  async () => {
    const { u, v, lambda, loss, correlation, grad_u, grad_v } = fixture("barlow_twins.json");
    const run = tf.valueAndGrads((u, v) =>
      barlowTwins(u as tf.Tensor2D, v as tf.Tensor2D, { lambda })
    );
    const { value: actual, grads: [du, dv] } = run([tf.tensor2d(u), tf.tensor2d(v)]);
    assertClose(await actual.data(), [loss]);
    assertClose(await crossCorrelation(tf.tensor2d(u), tf.tensor2d(v)).data(), correlation);
    assertClose(await du.data(), grad_u);
    assertClose(await dv.data(), grad_v);
  },
);

testOnBackends("crossCorrelation() is Pearson's, up to the guard of the variance", async () => {
  const [u, v] = [normals<tf.Rank.R2>([50, 2], 1), normals<tf.Rank.R2>([50, 3], 2)];
  const columns = async (x: tf.Tensor2D) => await tf.transpose(x).array() as number[][];
  const mean = (x: number[]) => x.reduce((a, b) => a + b) / x.length;
  const covariance = (x: number[], y: number[]) =>
    mean(x.map((value, i) => (value - mean(x)) * (y[i] - mean(y))));
  const [us, vs] = [await columns(u), await columns(v)];
  const expected = us.map((x) =>
    vs.map((y) => covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y)))
  );
  assertClose(await crossCorrelation(u, v).data(), expected, 1e-4);
});

testOnBackends("barlowTwins() has the gradient of its finite differences", async () => {
  const [u, v] = [normals<tf.Rank.R2>([9, 4], 3), normals<tf.Rank.R2>([9, 4], 4)];
  const mask = tf.tensor1d([1, 1, 0, 1, 0, 1, 1, 1, 1]);
  await assertGradient((u) => barlowTwins(u as tf.Tensor2D, v, { lambda: 0.1 }), u);
  await assertGradient((v) => barlowTwins(u, v as tf.Tensor2D, { lambda: 0.1, mask }), v);
});

testOnBackends("barlowTwins() does not depend on the order of the pixels", async () => {
  const [u, v] = [normals<tf.Rank.R2>([8, 3], 5), normals<tf.Rank.R2>([8, 3], 6)];
  const order = tf.tensor1d([3, 0, 5, 7, 1, 4, 2, 6], "int32");
  const permuted = barlowTwins(tf.gather(u, order), tf.gather(v, order), { lambda: 0.1 });
  assertClose(await value(permuted), await value(barlowTwins(u, v, { lambda: 0.1 })), 1e-5);
});

testOnBackends("barlowTwins() of masked pixels is the loss of the others alone", async () => {
  const [u, v] = [normals<tf.Rank.R2>([8, 3], 7), normals<tf.Rank.R2>([8, 3], 8)];
  const mask = tf.tensor1d([1, 0, 1, 1, 0, 1, 1, 1]);
  const kept = tf.tensor1d([0, 2, 3, 5, 6, 7], "int32");
  const run = tf.valueAndGrad((u) => barlowTwins(u as tf.Tensor2D, v, { lambda: 0.1, mask }));
  const masked = run(u);
  const alone = barlowTwins(tf.gather(u, kept), tf.gather(v, kept), { lambda: 0.1 });
  assertClose(await value(masked.value), await value(alone), 1e-5);
  const dropped = tf.gather(masked.grad, tf.tensor1d([1, 4], "int32"));
  assertClose(await dropped.data(), new Array(6).fill(0), 1e-7);
});

testOnBackends("barlowTwins() is finite when no pixel counts", async () => {
  const [u, v] = [normals<tf.Rank.R2>([4, 3], 9), normals<tf.Rank.R2>([4, 3], 10)];
  const mask = tf.zeros<tf.Rank.R1>([4]);
  assertClose(await value(barlowTwins(u, v, { lambda: 0.1, mask })), 3, 1e-6);
});

testOnBackends("barlowTwins() is near 0 for equal views with independent channels", async () => {
  const u = tf.tensor2d([[1, 1], [1, -1], [-1, 1], [-1, -1]]);
  assert.ok(await value(barlowTwins(u, u, { lambda: 5e-3 })) < 1e-6);
  const swapped = tf.reverse(u, 1);
  assertClose(await value(barlowTwins(u, swapped, { lambda: 5e-3 })), 2 + 2 * 5e-3, 1e-4);
});

testOnBackends("crossCorrelation() keeps its precision far from zero mean", async () => {
  const [u, v] = [normals<tf.Rank.R2>([5000, 3], 11), normals<tf.Rank.R2>([5000, 3], 12)];
  const shifted = crossCorrelation(tf.add(u, 30), tf.add(v, -20));
  assertClose(await shifted.data(), await crossCorrelation(u, v).data(), 1e-3);
});
