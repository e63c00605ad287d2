import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { affineGrid } from "../../lib/ops/affine_grid.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

testOnBackends("affineGrid() is θ·(x, y, 1) at every pixel of every slice", async () => {
  const [batch, height, width] = [3, 4, 5];
  const source = random("affine grid");
  const theta = Array.from(
    { length: batch },
    () => [0, 1].map(() => [0, 1, 2].map(() => source.normal())),
  );
  const grid = affineGrid(tf.tensor3d(theta), [height, width]);
  assert.deepEqual(grid.shape, [batch, height, width, 2]);
  const expected = theta.map((rows) =>
    Array.from({ length: height }, (_, i) =>
      Array.from({ length: width }, (_, j) => {
        const [x, y] = [-1 + j * 2 / (width - 1), -1 + i * 2 / (height - 1)];
        return rows.map(([a, b, c]) => a * x + b * y + c);
      }))
  );
  assertClose(await grid.array(), expected, 1e-6);
});

testOnBackends("affineGrid() puts a single row or column in the centre", async () => {
  const identity = tf.tensor3d([[[1, 0, 0], [0, 1, 0]]]);
  assertClose(await affineGrid(identity, [1, 2]).array(), [[[[-1, 0], [1, 0]]]], 1e-6);
  assertClose(await affineGrid(identity, [1, 1]).array(), [[[[0, 0]]]], 1e-6);
});
