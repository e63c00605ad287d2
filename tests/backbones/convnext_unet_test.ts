import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { convNextUNet } from "../../lib/backbones/convnext_unet.ts";
import type { Weights } from "../../lib/backbones/weights.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { disturbNorms, padded } from "./references.ts";

/** Layer norm by moments. */
function norm(x: tf.Tensor4D, weights: Weights, name: string): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, 3, true);
  const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-6)));
  return tf.add(tf.mul(normalised, weights[`${name}.weight`]), weights[`${name}.bias`]);
}

/** A linear map of each pixel's channels. */
function linear(x: tf.Tensor4D, weights: Weights, name: string): tf.Tensor4D {
  const [from, to] = weights[`${name}.weight`].shape.slice(2);
  const matrix = tf.reshape(weights[`${name}.weight`], [from, to]) as tf.Tensor2D;
  const y = tf.add(tf.matMul(tf.reshape(x, [-1, from]), matrix), weights[`${name}.bias`]);
  return tf.reshape(y, [x.shape[0], x.shape[1], x.shape[2], to]);
}

/** The depthwise filters one channel after another. */
function depthwise(x: tf.Tensor4D, weights: Weights, name: string): tf.Tensor4D {
  const filters = tf.split(weights[`${name}.weight`] as tf.Tensor as tf.Tensor4D, x.shape[3], 3);
  const planes = tf.split(x, x.shape[3], 3).map((plane, c) => {
    const wide = tf.pad(plane, [[0, 0], [3, 3], [3, 3], [0, 0]]) as tf.Tensor4D;
    return tf.conv2d(wide, filters[c] as tf.Tensor4D, 1, "valid");
  });
  return tf.add(tf.concat(planes, 3), weights[`${name}.bias`]);
}

function block(x: tf.Tensor4D, weights: Weights, name: string): tf.Tensor4D {
  const seen = norm(depthwise(x, weights, `${name}.dwconv`), weights, `${name}.norm`);
  const inside = linear(seen, weights, `${name}.pwconv1`);
  const phi = tf.mul(tf.add(tf.erf(tf.div(inside, Math.SQRT2)), 1), 0.5);
  const residual = linear(tf.mul(inside, phi), weights, `${name}.pwconv2`);
  return tf.add(x, tf.mul(residual, weights[`${name}.gamma`]));
}

testOnBackends("convNextUNet()'s encoder is stem, blocks and patches of 2×2", async () => {
  const { weights, encode } = convNextUNet({ widths: [4, 6], features: 5, seed: 2 });
  await disturbNorms(weights);
  const x = normals([2, 6, 4, 1], random("convnext"));
  const filter = (name: string) => weights[`${name}.weight`] as tf.Tensor as tf.Tensor4D;

  const stem = tf.add<tf.Tensor4D>(padded(x, filter("stem.0"), 1), weights["stem.0.bias"]);
  let y = norm(stem, weights, "stem.1");
  for (const i of [0, 1]) y = block(y, weights, `down.0.${i}`);
  // Patches of 2×2 pixels, then a linear map of all their values.
  const patches = tf.reshape(norm(y, weights, "downsample.1.0"), [2, 3, 2, 2, 2, 4]);
  const lined = tf.reshape(tf.transpose(patches, [0, 1, 3, 2, 4, 5]), [12, 16]);
  const mapped = tf.matMul(lined, tf.reshape(filter("downsample.1.1"), [16, 6]));
  y = tf.reshape(tf.add(mapped, weights["downsample.1.1.bias"]), [2, 3, 2, 6]);
  for (const i of [0, 1]) y = block(y, weights, `down.1.${i}`);

  assertClose(await encode(x, { training: true }).data(), await y.data());
});

testOnBackends("convNextUNet() sees each slice by itself, in either mode", async () => {
  const { forward } = convNextUNet({ widths: [4, 8], features: 3 });
  const x = normals([3, 8, 8, 1], random("convnext slices"));
  const together = await forward(x, { training: true }).data();
  const alone = tf.split<tf.Tensor4D>(x, 3).map((slice) => forward(slice, { training: false }));
  assertClose(await tf.concat(alone).data(), together, 1e-5);
});

Deno.test("convNextUNet() refuses a single width, and widths below 4", () => {
  assert.throws(() => convNextUNet({ widths: [8], features: 3 }), /two or more widths.* \[8\]$/);
  assert.throws(() => convNextUNet({ widths: [8, 2], features: 3 }), {
    name: "RangeError",
    message: "convNextUNet: expected two or more widths, each 4 or more, found [8,2]",
  });
});
