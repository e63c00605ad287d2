import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { IGNORED } from "../../lib/data/masks/labels.ts";
import { crossEntropy, diceCrossEntropy, softDice } from "../../lib/losses/segmentation.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { pythonWith, runPython } from "../support/python.ts";
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

/** Labels of two 3 × 3 slices of three classes; 255 where nobody labelled. */
const PARTLY = [
  [[0, 1, 255], [2, 255, 255], [0, 0, 1]],
  [[255, 255, 1], [255, 2, 2], [0, 1, 255]],
];

/** One-hot labels that are 0 where a pixel is ignored, and where it is not. */
function partly(): { labels: tf.Tensor4D; known: tf.Tensor4D } {
  const known = tf.tensor(PARTLY.flat(2).map((label) => label === IGNORED ? 0 : 1));
  return { labels: oneHot(PARTLY, 3), known: tf.reshape(known, [2, 3, 3, 1]) };
}

testOnBackends("softDice() is the mean over slices and classes of what is labelled", async () => {
  const { labels, known } = partly();
  const x = normals<tf.Rank.R4>([2, 3, 3, 3], 8);
  const logits = await x.array();
  const dice = PARTLY.flatMap((slice, s) => {
    const pixels = slice.flatMap((row, y) => row.map((label, x) => ({ label, z: logits[s][y][x] })))
      .filter(({ label }) => label !== IGNORED)
      .map(({ label, z }) => {
        const exponentials = z.map(Math.exp);
        return { label, p: exponentials.map((e) => e / exponentials.reduce((a, b) => a + b)) };
      });
    return [0, 1, 2].map((c) => {
      const overlap = pixels.reduce((sum, { label, p }) => sum + (label === c ? p[c] : 0), 0);
      const total = pixels.reduce((sum, { label, p }) => sum + (label === c ? 1 : 0) + p[c], 0);
      return (2 * overlap + 1e-5) / (total + 1e-5);
    });
  });
  const expected = 1 - dice.reduce((a, b) => a + b) / dice.length;
  assertClose(await value(softDice(x, labels, known)), expected, 1e-6);
});

/** Loss and gradient by PyTorch, of pixels that are picked out one by one. */
const TORCH_LOSS = `
import json, sys, torch
logits, target = (torch.tensor(part) for part in json.loads(sys.argv[1]))
logits.requires_grad_()
kept = target != 255
dice = []
for slice in range(len(logits)):
    p = logits[slice][kept[slice]].softmax(-1)
    t = torch.nn.functional.one_hot(target[slice][kept[slice]], p.shape[-1]).float()
    dice.append(1 - (2 * (p * t).sum(0) + 1e-5) / (p.sum(0) + t.sum(0) + 1e-5))
dice = torch.stack(dice).mean()
entropy = torch.nn.functional.cross_entropy(logits.permute(0, 3, 1, 2), target, ignore_index=255)
(dice + entropy).backward()
print(json.dumps([dice.item(), entropy.item(), logits.grad.tolist()]))
`;

const torch = await pythonWith("torch");
const lacking = torch ? "" : " (skipped: no PyTorch)";

testOnBackends({
  name: `diceCrossEntropy() is PyTorch's of the pixels that are labelled${lacking}`,
  ignore: !torch,
}, async () => {
  const { labels, known } = partly();
  const x = normals<tf.Rank.R4>([2, 3, 3, 3], 4);
  const given = JSON.stringify([await x.array(), PARTLY]);
  const [dice, entropy, gradient] = JSON.parse(
    await runPython(torch!, TORCH_LOSS, { dir: Deno.cwd(), args: [given] }),
  );
  assertClose(await value(softDice(x, labels, known)), dice, 1e-6);
  assertClose(await value(crossEntropy(x, labels, known)), entropy, 1e-6);
  const grad = tf.grad((x) => diceCrossEntropy(x as tf.Tensor4D, labels, known))(x);
  assertClose(await grad.data(), gradient.flat(3));
});

testOnBackends("diceCrossEntropy() has no gradient where nobody labelled", async () => {
  const { labels, known } = partly();
  const x = normals<tf.Rank.R4>([2, 3, 3, 3], 5);
  const loss = (x: tf.Tensor) => diceCrossEntropy(x as tf.Tensor4D, labels, known);
  await assertGradient(loss, x);
  const gradient = await tf.grad(loss)(x).data();
  PARTLY.flat(2).forEach((label, pixel) => {
    const there = gradient.slice(3 * pixel, 3 * pixel + 3);
    assert.equal(there.every((g) => g === 0), label === IGNORED, `pixel ${pixel}: ${there}`);
  });
});

testOnBackends(
  "diceCrossEntropy() of labels that are all known is the same with that said",
  async () => {
    const labels = oneHot([[[0, 1], [2, 1]]], 3);
    const x = normals<tf.Rank.R4>([1, 2, 2, 3], 6);
    const known = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
    assertClose(
      await value(diceCrossEntropy(x, labels, known)),
      await value(diceCrossEntropy(x, labels)),
      1e-6,
    );
  },
);

testOnBackends("diceCrossEntropy() is 0 where nobody labelled anything", async () => {
  const x = normals<tf.Rank.R4>([1, 2, 2, 3], 7);
  const known = tf.zeros<tf.Rank.R4>([1, 2, 2, 1]);
  assertClose(await value(diceCrossEntropy(x, tf.zerosLike(x), known)), 0, 1e-6, 1);
});
