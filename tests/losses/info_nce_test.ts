import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { infoNce } from "../../lib/losses/info_nce.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { assertGradient, normals, value } from "./gradients.ts";

testOnBackends(withFixtures("infoNce() agrees with PyTorch in value and gradients"), async () => {
  const { u, v, temperature, loss, grad_u, grad_v } = fixture("info_nce.json");
  const run = tf.valueAndGrads((u, v) =>
    infoNce(u as tf.Tensor2D, v as tf.Tensor2D, { temperature })
  );
  const { value: actual, grads: [du, dv] } = run([tf.tensor2d(u), tf.tensor2d(v)]);
  assertClose(await actual.data(), [loss]);
  assertClose(await du.data(), grad_u);
  assertClose(await dv.data(), grad_v);
});

testOnBackends("infoNce() is the mean cross-entropy of the definition", async () => {
  const [n, d, temperature] = [5, 3, 0.2];
  const [u, v] = [normals<tf.Rank.R2>([n, d], 1), normals<tf.Rank.R2>([n, d], 2)];
  const z = [...await u.array(), ...await v.array()].map((row) => {
    const length = Math.hypot(...row);
    return row.map((x) => x / length);
  });
  const logit = (i: number, j: number) =>
    z[i].reduce((sum, x, k) => sum + x * z[j][k], 0) / temperature;
  const losses = z.map((_, i) => {
    const others = z.map((_, j) => j).filter((j) => j !== i);
    const sum = others.reduce((sum, j) => sum + Math.exp(logit(i, j)), 0);
    return Math.log(sum) - logit(i, (i + n) % (2 * n));
  });
  const expected = losses.reduce((a, b) => a + b) / (2 * n);
  assertClose(await value(infoNce(u, v, { temperature })), expected, 1e-5);
});

testOnBackends("infoNce() has the gradient of its finite differences", async () => {
  const [u, v] = [normals<tf.Rank.R2>([6, 4], 3), normals<tf.Rank.R2>([6, 4], 4)];
  const mask = tf.tensor1d([1, 1, 0, 1, 0, 1]);
  await assertGradient((u) => infoNce(u as tf.Tensor2D, v, { temperature: 0.5 }), u);
  await assertGradient((v) => infoNce(u, v as tf.Tensor2D, { temperature: 0.5, mask }), v);
});

testOnBackends("infoNce() does not depend on the order of the pairs", async () => {
  const [u, v] = [normals<tf.Rank.R2>([6, 4], 5), normals<tf.Rank.R2>([6, 4], 6)];
  const order = tf.tensor1d([3, 0, 5, 1, 4, 2], "int32");
  const permuted = infoNce(tf.gather(u, order), tf.gather(v, order), { temperature: 0.5 });
  assertClose(await value(permuted), await value(infoNce(u, v, { temperature: 0.5 })), 1e-5);
});

testOnBackends("infoNce() does not depend on the length of the vectors", async () => {
  const [u, v] = [normals<tf.Rank.R2>([6, 4], 7), normals<tf.Rank.R2>([6, 4], 8)];
  const scaled = infoNce(tf.mul(u, 40), tf.mul(v, 0.02), { temperature: 0.5 });
  assertClose(await value(scaled), await value(infoNce(u, v, { temperature: 0.5 })), 1e-5);
});

testOnBackends("infoNce() of masked pairs is the loss of the others alone", async () => {
  const [u, v] = [normals<tf.Rank.R2>([6, 4], 9), normals<tf.Rank.R2>([6, 4], 10)];
  const mask = tf.tensor1d([1, 0, 1, 1, 0, 1]);
  const kept = tf.tensor1d([0, 2, 3, 5], "int32");
  const masked = tf.valueAndGrad((u) => infoNce(u as tf.Tensor2D, v, { temperature: 0.5, mask }))(
    u,
  );
  const alone = infoNce(tf.gather(u, kept), tf.gather(v, kept), { temperature: 0.5 });
  assertClose(await value(masked.value), await value(alone), 1e-5);
  const dropped = tf.gather(masked.grad, tf.tensor1d([1, 4], "int32"));
  assertClose(await dropped.data(), new Array(8).fill(0), 1e-7);
});

testOnBackends("infoNce() is 0 with gradient 0 when no pair counts", async () => {
  const [u, v] = [normals<tf.Rank.R2>([4, 3], 11), normals<tf.Rank.R2>([4, 3], 12)];
  const mask = tf.zeros<tf.Rank.R1>([4]);
  const run = tf.valueAndGrad((u) => infoNce(u as tf.Tensor2D, v, { temperature: 0.5, mask }));
  const { value: loss, grad } = run(u);
  assert.equal(Math.abs(await value(loss)), 0);
  assertClose(await grad.data(), new Array(12).fill(0), 1e-7);
});

testOnBackends("infoNce() is lower for partners that agree than for strangers", async () => {
  const u = normals<tf.Rank.R2>([16, 8], 13);
  const aligned = await value(infoNce(u, u, { temperature: 0.1 }));
  const strangers = await value(infoNce(u, tf.reverse(u, 0), { temperature: 0.1 }));
  assert.ok(aligned < 0.5 && strangers > Math.log(31), `${aligned}, ${strangers}`);
});

testOnBackends("infoNce() of identical vectors is log(2n − 1)", async () => {
  const u = tf.ones<tf.Rank.R2>([10, 4]);
  assertClose(await value(infoNce(u, u, { temperature: 0.53 })), Math.log(19), 1e-5);
});

testOnBackends("infoNce() stays finite at low temperature and with zero vectors", async () => {
  const u = tf.concat([normals<tf.Rank.R2>([4, 3], 14), tf.zeros<tf.Rank.R2>([2, 3])]);
  const run = tf.valueAndGrad((x) =>
    infoNce(x as tf.Tensor2D, tf.neg(u) as tf.Tensor2D, { temperature: 1e-3 })
  );
  const { value: loss, grad } = run(u);
  assert.ok(Number.isFinite(await value(loss)));
  assert.ok((await grad.data()).every(Number.isFinite));
});

Deno.test("infoNce() throws RangeError when there are not as many partners as vectors", () => {
  const [u, v] = [tf.ones<tf.Rank.R2>([4, 3]), tf.ones<tf.Rank.R2>([6, 3])];
  assert.throws(() => infoNce(u, v, { temperature: 0.5 }), {
    name: "RangeError",
    message: "infoNce: expected u and v of one shape, found [4,3] and [6,3]",
  });
});
