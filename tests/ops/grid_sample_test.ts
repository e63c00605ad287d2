import * as tf from "@tensorflow/tfjs";
import { affineGrid } from "../../lib/ops/affine_grid.ts";
import { gridSample } from "../../lib/ops/grid_sample.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { checkGradient, normals } from "../support/gradients.ts";

/** An NCHW nesting as an NHWC tensor. */
function nhwc(values: number[][][][]): tf.Tensor4D {
  return tf.tidy(() => tf.transpose(tf.tensor4d(values), [0, 2, 3, 1]));
}

testOnBackends(
  withFixtures("gridSample() agrees with PyTorch, values and gradient"),
  async () => {
    const { theta, x, y, dy, dx } = fixture("affine_warp.json");
    const input = nhwc(x);
    const grid = affineGrid(tf.tensor3d(theta), [input.shape[1], input.shape[2]]);
    const warp = (x: tf.Tensor) => gridSample(x as tf.Tensor4D, grid);
    assertClose(await warp(input).array(), await nhwc(y).array());
    assertClose(await tf.grad(warp)(input, nhwc(dy)).array(), await nhwc(dx).array());
  },
);

testOnBackends("gridSample() by the identity returns its input", async () => {
  const x = normals([2, 5, 3, 4], random("identity"));
  const identity = tf.tensor3d([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 0]]]);
  assertClose(await gridSample(x, affineGrid(identity, [5, 3])).array(), await x.array(), 1e-6);
});

testOnBackends("gridSample() samples any number of points and is zero outside", async () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const grid = tf.tensor4d([0, 0, -1, 1, 5, 0, 1, -0.5], [1, 1, 4, 2]);
  assertClose(await gridSample(x, grid).array(), [[[[2.5], [3], [0], [2.5]]]], 1e-6);
});

testOnBackends("gridSample() has the gradient that finite differences give", async () => {
  const source = random("warp gradient");
  const grid = tf.tensor4d(
    Array.from({ length: 2 * 3 * 4 * 2 }, () => source.uniform(-1.2, 1.2)),
    [2, 3, 4, 2],
  );
  await checkGradient(
    (x) => gridSample(x as tf.Tensor4D, grid),
    normals([2, 3, 5, 2], source),
    source,
  );
});
