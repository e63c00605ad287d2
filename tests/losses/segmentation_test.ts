import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { crossEntropy, diceCrossEntropy, softDice } from "../../lib/losses/segmentation.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { assertGradient, normals, value } from "./gradients.ts";

/** One-hot labels [batch, height, width, classes]. */
function oneHot(labels: tf.TensorLike, classes: number): tf.Tensor4D {
  // Cast, because not every backend's oneHot minds its dtype.
  const hot = tf.oneHot(tf.tensor(labels, undefined, "int32"), classes);
  return tf.cast(hot, "float32") as tf.Tensor4D;
}

testOnBackends(
  withFixtures("diceCrossEntropy() agrees with PyTorch in both terms and their gradient"),
  async () => {
    const { logits, target, dice_loss, cross_entropy, grad_of_sum } = fixture("dice_ce.json");
    const x = tf.transpose(tf.tensor4d(logits), [0, 2, 3, 1]);
    const labels = oneHot(target, x.shape[3]);
    assertClose(await value(softDice(x, labels)), dice_loss, 1e-6);
    assertClose(await value(crossEntropy(x, labels)), cross_entropy, 1e-6);
    const run = tf.valueAndGrad((x) => diceCrossEntropy(x as tf.Tensor4D, labels));
    const { value: sum, grad } = run(x);
    assertClose(await value(sum), dice_loss + cross_entropy, 1e-6);
    assertClose(await tf.transpose(grad, [0, 3, 1, 2]).data(), grad_of_sum);
  },
);

testOnBackends("softDice() has the gradient of its finite differences", async () => {
  const labels = oneHot([[[0, 1], [2, 1]], [[0, 0], [1, 1]]], 3);
  const x = normals<tf.Rank.R4>([2, 2, 2, 3], 1);
  await assertGradient((x) => softDice(x as tf.Tensor4D, labels), x);
});

testOnBackends("crossEntropy() has the gradient of its finite differences", async () => {
  const labels = tf.softmax(normals<tf.Rank.R4>([2, 2, 2, 3], 2));
  const x = normals<tf.Rank.R4>([2, 2, 2, 3], 3);
  await assertGradient((x) => crossEntropy(x as tf.Tensor4D, labels), x);
});

testOnBackends("softDice() goes from 0 for certainty to 1 for confusion", async () => {
  const labels = oneHot([[[0, 1], [2, 1]]], 3);
  const wrong = oneHot([[[1, 2], [0, 0]]], 3);
  assert.ok(await value(softDice(tf.mul(labels, 50), labels)) < 1e-5);
  assert.ok(await value(softDice(tf.mul(wrong, 50), labels)) > 1 - 1e-4);
});

testOnBackends("softDice() counts an absent class that is not predicted as found", async () => {
  const labels = oneHot([[[0, 1], [0, 1]]], 3);
  assert.ok(await value(softDice(tf.mul(labels, 80), labels)) < 1e-5);
});

testOnBackends("crossEntropy() of equal logits is the logarithm of the classes", async () => {
  const labels = oneHot([[[0, 1], [2, 3]]], 4);
  assertClose(await value(crossEntropy(tf.zerosLike(labels), labels)), Math.log(4), 1e-6);
});

testOnBackends("crossEntropy() stays finite for large logits", async () => {
  const labels = oneHot([[[0, 1]]], 2);
  const logits = tf.mul(tf.sub(0.5, labels), 400) as tf.Tensor4D;
  assertClose(await value(crossEntropy(logits, labels)), 400, 1e-6);
});
