import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import fc from "fast-check";
import { withPatches } from "../../lib/augmentations/patches.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

/** Slices of three channels: a pixel's slice, row and column. */
function positions(batch: number, size: number): tf.Tensor4D {
  const pixels = Array.from({ length: batch * size * size }, (_, i) => i);
  const values = pixels.flatMap((
    i,
  ) => [Math.floor(i / size / size), Math.floor(i / size) % size, i % size]);
  return tf.tensor4d(values, [batch, size, size, 3]);
}

testOnBackends(
  "withPatches() puts the patches behind the slices, one of each at a time",
  async () => {
    const x = positions(3, 8);
    const y = withPatches(x, { perSlice: 2, scale: [0.33, 0.75] }, random(1));
    assert.deepEqual(y.shape, [9, 8, 8, 3]);
    const values = await y.data();
    const slice = 8 * 8 * 3;
    assert.deepEqual(values.subarray(0, 3 * slice), await x.data());
    const middles = Array.from({ length: 9 }, (_, i) => values[i * slice + slice / 2]);
    assertClose(middles, [0, 1, 2, 0, 1, 2, 0, 1, 2], 1e-5);
    assert.notDeepEqual(values.slice(3 * slice, 6 * slice), values.slice(6 * slice));
  },
);

testOnBackends(
  "withPatches() cuts squares of the drawn sides anywhere inside a slice",
  async () => {
    const [n, size] = [400, 9];
    const x = tf.tile(positions(1, size), [n, 1, 1, 1]) as tf.Tensor4D;
    const y = withPatches(x, { perSlice: 1, scale: [0.25, 0.75] }, random("patches"));
    const values = (await y.data()).subarray(n * size * size * 3);
    const sides: number[] = [];
    const places: number[] = [];
    for (let i = 0; i < n; i++) {
      const at = (k: number) => values.subarray((i * size * size + k) * 3).subarray(1, 3);
      const [[top, left], [bottom, right]] = [at(0), at(size * size - 1)];
      assertClose(right - left, bottom - top, 1e-4, 1);
      assert.ok(Math.min(top, left) > -1e-4 && Math.max(bottom, right) < size - 1 + 1e-4);
      // Equally spaced between: bilinear resampling of a plane is exact.
      assertClose(at(2 * size + 4), [(3 * top + bottom) / 4, (left + right) / 2], 1e-4, 1);
      const side = (bottom - top) / (size - 1);
      sides.push((side - 0.25) / 0.5);
      places.push(...[top, left].map((start) => start / (size - 1) / (1 - side)));
    }
    for (const [name, draws] of Object.entries({ sides, places })) {
      const mean = draws.reduce((a, b) => a + b) / draws.length;
      const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
      assert.ok(Math.abs(mean - 0.5) < 0.06, `${name}: mean ${mean}`);
      assert.ok(Math.abs(variance - 1 / 12) < 0.015, `${name}: variance ${variance}`);
    }
  },
);

testOnBackends("withPatches() equals a crop by hand where the patch falls on pixels", async () => {
  const draw = random("slice");
  const values = Float32Array.from({ length: 25 }, () => draw.uniform());
  // A generator whose draws are the middle of their range: the patch in the middle. Half the side
  // spans 3 of 5 pixels, which are spread over 5: between two of them lies their mean.
  const middle = { ...random(1), uniform: (low = 0, high = 1) => (low + high) / 2 };
  const y = withPatches(
    tf.tensor4d(values, [1, 5, 5, 1]),
    { perSlice: 1, scale: [0.5, 0.5] },
    middle,
  );
  const spread = <T>([a, b, c]: T[], mean: (p: T, q: T) => T) => [a, mean(a, b), b, mean(b, c), c];
  const mean = (p: number, q: number) => (p + q) / 2;
  const rows = [5, 10, 15].map((row) => spread([...values.subarray(row + 1, row + 4)], mean));
  const expected = spread(rows, (p, q) => p.map((value, i) => mean(value, q[i])));
  assertClose((await y.data()).subarray(25), expected, 1e-5);
});

testOnBackends(
  "withPatches() adds nothing where none are wanted, and keeps no tensor",
  async () => {
    const x = positions(2, 8);
    const before = tf.memory().numTensors;
    const none = withPatches(x, { perSlice: 0, scale: [0.3, 0.7] }, random(1));
    assert.deepEqual(await none.data(), await x.data());
    const some = withPatches(x, { perSlice: 2, scale: [0.3, 0.7] }, random(1));
    assert.equal(tf.memory().numTensors, before + 2);
    tf.dispose([none, some]);
  },
);

testOnBackends("withPatches() depends on the seed alone", async () => {
  const x = positions(2, 8);
  const draw = (seed: number) =>
    withPatches(x, { perSlice: 1, scale: [0.3, 0.7] }, random(seed)).data();
  assert.deepEqual(await draw(1), await draw(1));
  assert.notDeepEqual(await draw(1), await draw(2));
});

testOnBackends("withPatches() shows no padding", async () => {
  const ones = tf.ones<tf.Rank.R4>([4, 8, 8, 1]);
  const seeds = fc.sample(fc.nat(), { numRuns: 10, seed: 1 });
  for (const seed of seeds) {
    const y = withPatches(ones, { perSlice: 1, scale: [0.1, 1] }, random(seed));
    assertClose(await y.data(), new Array(8 * 64).fill(1), 1e-5);
  }
});
