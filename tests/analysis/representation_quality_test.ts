import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { representationQuality } from "../../lib/analysis/representation_quality.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

/** Standard normal features [pixels, dimensions]. */
function normals(pixels: number, dimensions: number, seed = 1): tf.Tensor2D {
  const source = random("features", seed);
  const values = Float32Array.from({ length: pixels * dimensions }, () => source.normal());
  return tf.tensor2d(values, [pixels, dimensions]);
}

/** The quality of features that both views share. */
function qualityOf(features: tf.Tensor2D) {
  return representationQuality({ u: features, v: features });
}

testOnBackends(
  "representationQuality() gives alignment 0 to 4: same, unrelated, opposite",
  async () => {
    const u = normals(20, 6);
    assert.equal((await qualityOf(u)).alignment, 0);
    const scaled = await representationQuality({ u, v: tf.mul(u, 30) });
    assertClose(scaled.alignment, 0, 1e-6, 1);
    const opposite = await representationQuality({ u, v: tf.neg(u) });
    assertClose(opposite.alignment, 4, 1e-6);
    const across = await representationQuality({
      u: tf.tensor2d([[1, 0], [0, 3]]),
      v: tf.tensor2d([[0, 2], [1, 0]]),
    });
    assertClose(across.alignment, 2, 1e-6);
  },
);

testOnBackends("representationQuality() gives uniformity as its definition", async () => {
  const [u, v] = [normals(12, 3, 2), normals(12, 3, 3)];
  const expected = [u, v].map((view) => {
    const rows = (view.arraySync() as number[][]).map((row) =>
      row.map((x) => x / Math.hypot(...row))
    );
    const potentials = rows.flatMap((x, i) =>
      rows.filter((_, j) => j !== i).map((y) =>
        Math.exp(-2 * x.reduce((sum, value, k) => sum + (value - y[k]) ** 2, 0))
      )
    );
    return Math.log(potentials.reduce((sum, value) => sum + value) / potentials.length);
  });
  const { uniformity } = await representationQuality({ u, v });
  assertClose(uniformity, (expected[0] + expected[1]) / 2, 1e-5);
});

testOnBackends("representationQuality() sees features that are all the same", async () => {
  for (const value of [0, 3]) {
    const { uniformity, ...rest } = await qualityOf(tf.fill([30, 5], value));
    assertClose(uniformity, 0, 1e-5, 1);
    assert.deepEqual(rest, { alignment: 0, dead_dimensions: 5, effective_rank: 1 });
  }
});

testOnBackends("representationQuality() counts one dimension where all lie on a line", async () => {
  const line = tf.add(tf.matMul(normals(400, 1), tf.tensor2d([[2, -1, 0, 0.5]])), 3);
  const { dead_dimensions, effective_rank } = await qualityOf(line as tf.Tensor2D);
  assert.equal(dead_dimensions, 1);
  assertClose(effective_rank, 1, 1e-3);
});

testOnBackends("representationQuality() counts all dimensions where none is special", async () => {
  for (const dimensions of [2, 16]) {
    const { dead_dimensions, effective_rank } = await qualityOf(normals(1000, dimensions));
    assert.equal(dead_dimensions, 0);
    assertClose(effective_rank, dimensions, 1e-2);
    assert.ok(effective_rank <= dimensions);
  }
});

testOnBackends("representationQuality() weighs dimensions by their singular values", async () => {
  // Deviations of 3, 1 and 0 along orthogonal directions, turned by 45 degrees.
  const axes = tf.tensor2d([[3, 3, 0], [-1, 1, 0]]);
  const corners = tf.tensor2d([[1, 1], [1, -1], [-1, 1], [-1, -1]]);
  const { effective_rank, dead_dimensions } = await qualityOf(tf.matMul(corners, axes));
  const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
  assertClose(effective_rank, Math.exp(entropy), 1e-5);
  assert.equal(dead_dimensions, 1);
});

testOnBackends("representationQuality() counts dimensions as dead by the size of all", async () => {
  const scales = tf.tensor1d([1, 1, 1e-2, 1e-4]);
  for (const size of [1e-3, 1, 1e3]) {
    const features = tf.mul(tf.mul(normals(500, 4), scales), size) as tf.Tensor2D;
    assert.equal((await qualityOf(features)).dead_dimensions, 1);
  }
});

testOnBackends("representationQuality() keeps no tensor", async () => {
  const u = normals(20, 4);
  const before = tf.memory().numTensors;
  await qualityOf(u);
  assert.equal(tf.memory().numTensors, before);
});
