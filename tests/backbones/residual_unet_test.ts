import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { residualUNet } from "../../lib/backbones/residual_unet.ts";
import type { Weights } from "../../lib/backbones/weights.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { disturbNorms, padded } from "./references.ts";

/** Group norm by moments, one group of eight channels into two halves, and ReLU. */
function act(x: tf.Tensor4D, weights: Weights, name: string): tf.Tensor4D {
  const groups = x.shape[3] === 4 ? 1 : 2;
  const parts = tf.split(x, groups, 3).map((part) => {
    const { mean, variance } = tf.moments(part, [1, 2, 3], true);
    return tf.div<tf.Tensor4D>(tf.sub(part, mean), tf.sqrt(tf.add(variance, 1e-5)));
  });
  const scaled = tf.mul(tf.concat(parts, 3), weights[`${name}.weight`]);
  return tf.relu(tf.add(scaled, weights[`${name}.bias`]));
}

testOnBackends("residualUNet()'s encoder is stem and pre-activated units", async () => {
  const { weights, encode } = residualUNet({ widths: [4, 8], features: 8, seed: 2 });
  await disturbNorms(weights);
  const x = normals([2, 6, 4, 1], random("residual"));
  const filter = (name: string) => weights[`${name}.weight`] as tf.Tensor as tf.Tensor4D;

  const stem = padded(x, filter("stem"), 1);
  const half0 = padded(act(stem, weights, "down.0.norm1"), filter("down.0.conv1"), 1);
  const residual0 = padded(act(half0, weights, "down.0.norm2"), filter("down.0.conv2"), 1);
  const level0 = tf.add<tf.Tensor4D>(stem, residual0);

  const active = act(level0, weights, "down.1.norm1");
  const half1 = padded(active, filter("down.1.conv1"), 2);
  const residual1 = padded(act(half1, weights, "down.1.norm2"), filter("down.1.conv2"), 1);
  // Every second pixel, then a linear map of its channels.
  const second = tf.stridedSlice(active, [0, 0, 0, 0], active.shape, [1, 2, 2, 1]);
  const map = tf.reshape(filter("down.1.shortcut"), [4, 8]);
  const shortcut = tf.reshape(tf.matMul(tf.reshape(second, [-1, 4]), map), [2, 3, 2, 8]);
  const expected = tf.add(shortcut, residual1);

  assertClose(await encode(x, { training: true }).data(), await expected.data());
});

testOnBackends("residualUNet() sees each slice by itself, in either mode", async () => {
  const { forward } = residualUNet({ widths: [4, 8], features: 3 });
  const x = normals([3, 8, 8, 1], random("residual slices"));
  const together = await forward(x, { training: true }).data();
  const alone = tf.split<tf.Tensor4D>(x, 3).map((slice) => forward(slice, { training: false }));
  assertClose(await tf.concat(alone).data(), together, 1e-5);
});

Deno.test("residualUNet() refuses a single width, and widths below 4", () => {
  assert.throws(() => residualUNet({ widths: [8], features: 3 }), /two or more widths.* \[8\]$/);
  assert.throws(() => residualUNet({ widths: [3, 8], features: 3 }), {
    name: "RangeError",
    message: "residualUNet: expected two or more widths, each 4 or more, found [3,8]",
  });
});
