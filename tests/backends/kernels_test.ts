import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { testOnBackends } from "../support/backends.ts";
import { assertAgrees, noise, valuesOn } from "./oracle.ts";

/** For kernels of `simd` that are tfjs's own on WebGPU. */
function simdAgrees(compute: () => tf.Tensor | tf.Tensor[], tolerance?: number): Promise<void> {
  return assertAgrees(compute, { tolerance, on: ["simd"] });
}

const PRODUCTS: [m: number, k: number, n: number][] = [
  ...[[1, 1, 1], [3, 4, 5], [100, 64, 100], [6, 300, 8], [50, 1000, 33]] as const,
  ...[[1, 5000, 7], [9, 3000, 2]] as const,
  // Large tiles on WebGPU.
  [2100, 20, 2100],
].map(([m, k, n]) => [m, k, n]);

for (const [m, k, n] of PRODUCTS) {
  Deno.test(`BatchMatMul agrees with cpu: ${m}×${k}×${n}, all transposes`, async () => {
    for (const [turnA, turnB] of [[false, false], [false, true], [true, false], [true, true]]) {
      await assertAgrees(() => {
        const [a, b] = [noise(turnA ? [k, m] : [m, k]), noise(turnB ? [n, k] : [k, n], 1)];
        return tf.matMul(a, b, turnA, turnB);
      });
    }
  });
}

Deno.test("BatchMatMul agrees with cpu on batches", () =>
  assertAgrees(() => [
    tf.matMul(noise([3, 5, 9]), noise([3, 9, 11], 1)),
    tf.matMul(noise([2, 3, 5, 9]), noise([2, 3, 11, 9], 1), false, true),
    tf.matMul(noise([4, 5, 9]), noise([1, 9, 3], 1)),
  ]));

const BROADCASTS = [
  [[5, 7], [5, 7]],
  [[5, 7], [7]],
  [[5, 7], [5, 1]],
  [[2, 3, 5], [1]],
  [[], [4, 9]],
  [[3, 4, 5, 6], [6]],
  [[2, 1, 5], [3, 1]],
  [[200, 300], [200, 300]],
  [[9000, 7], [7]],
  [[1, 8], [8]],
  [[2, 3, 4], [2, 1, 4]],
  [[3, 1, 1, 4], [3, 9, 5, 4]],
  [[2, 5, 1], [2, 1, 7]],
  [[70, 1, 4], [70, 3, 4]],
  [[2, 1, 3, 1], [1, 4, 1, 5]],
];
const BINARY = { add: tf.add, sub: tf.sub, mul: tf.mul, maximum: tf.maximum, minimum: tf.minimum };

for (const [name, f] of Object.entries(BINARY)) {
  Deno.test(`${name}() agrees with cpu over broadcasts`, () =>
    simdAgrees(() => BROADCASTS.map(([a, b]) => f(noise(a), noise(b, 1)))));
}

Deno.test("div() agrees with cpu over broadcasts", () =>
  simdAgrees(() => BROADCASTS.map(([a, b]) => tf.div(noise(a), tf.add(noise(b, 1), 2)))));

Deno.test("functions of one value agree with cpu", () =>
  simdAgrees(() => {
    const x = tf.mul(noise([20001]), 3);
    const positive = tf.add(tf.abs(x), 0.1);
    return [
      ...[tf.relu(x), tf.square(x), tf.exp(x), tf.neg(x), tf.abs(x), tf.sigmoid(x)],
      ...[tf.sqrt(positive), tf.rsqrt(positive), tf.reciprocal(positive), tf.log(positive)],
    ];
  }));

Deno.test("exp() is right at the limits of its range", () =>
  simdAgrees(
    () => tf.exp(tf.tensor1d([-Infinity, -120, -87, -1e-8, 0, 1e-8, 10, 20, -20])),
    1e-6,
  ));

Deno.test("log() is right at the limits of its range and around 1", () =>
  simdAgrees(
    () =>
      tf.log(
        tf.tensor1d([1.2e-38, 1e-20, 0.5, 0.70710677, 0.99999, 1, 1.00001, 1.4142, 3e38, 7]),
      ),
    1e-6,
  ));

Deno.test("log() of 0, infinity, a negative number", async () => {
  const [values] = await valuesOn("simd", () => tf.log(tf.tensor1d([0, Infinity, -1, NaN, 1])));
  assert.deepEqual([...values], [-Infinity, Infinity, NaN, NaN, 0]);
});

const REDUCTIONS: [shape: number[], axis?: number | number[]][] = [
  [[3, 5, 7], 0],
  [[3, 5, 7], 1],
  [[3, 5, 7], 2],
  [[3, 5, 7], [0, 1]],
  [[3, 5, 7], [1, 2]],
  [[3, 5, 7], [0, 2]],
  [[40000, 5], 0],
  [[40000, 5]],
  [[3, 50000], 1],
  [[1], 0],
];

for (const [name, f] of Object.entries({ sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min })) {
  Deno.test(`${name}() agrees with cpu over axes`, () =>
    simdAgrees(() =>
      REDUCTIONS.flatMap(([shape, axis]) => [f(noise(shape), axis), f(noise(shape), axis, true)])
    ));
}

Deno.test("softmax() agrees with cpu", () =>
  simdAgrees(() => [[37, 13], [1, 1], [5, 3]].map((shape) => tf.softmax(noise(shape)))));

Deno.test("maxPool() and its gradient agree with cpu, ties too", async () => {
  const cases: [number[], number, number][] = [
    [[2, 8, 8, 4], 2, 2],
    [[2, 9, 7, 3], 2, 2],
    [[1, 9, 9, 5], 3, 2],
    [[1, 1, 1, 1], 1, 1],
  ];
  for (const [shape, size, stride] of cases) {
    await assertAgrees(() => {
      const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, "valid");
      const x = tf.relu(noise(shape));
      const y = pool(x);
      return [y, tf.grad(pool)(x, noise(y.shape, 1))];
    });
  }
});

Deno.test("maxPool3d() and its gradient agree with cpu", async () => {
  const cases: [number[], number | number[], number | number[]][] = [
    [[2, 4, 6, 8, 4], 2, 2],
    [[2, 5, 9, 7, 3], 2, 2],
    [[1, 3, 6, 6, 5], [1, 2, 2], [1, 2, 2]],
    [[2, 7, 4, 5, 4], [2, 1, 1], [2, 1, 1]],
    [[1, 6, 7, 5, 8], [2, 1, 2], [3, 2, 2]],
    [[1, 5, 5, 5, 3], 3, 2],
    [[1, 1, 1, 1, 1], 1, 1],
  ];
  for (const [shape, size, stride] of cases) {
    await assertAgrees(() => {
      const pool = (x: tf.Tensor) =>
        tf.maxPool3d(x as tf.Tensor5D, size as number, stride as number, "valid");
      const x = noise(shape);
      const y = pool(x);
      return [y, tf.grad(pool)(x, noise(y.shape, 1))];
    });
  }
});

testOnBackends("maxPool3d() gives the gradient to the first of a window's greatest", async () => {
  const pool = (x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, "valid");
  const x = tf.tensor5d([1, 2, 0, 2, 2, 1, 2, 0], [1, 2, 2, 2, 1]);
  const dx = tf.grad(pool)(x, tf.tensor5d([3], [1, 1, 1, 1, 1]));
  assert.deepEqual([...await dx.data()], [0, 3, 0, 0, 0, 0, 0, 0]);
});

Deno.test("concat(), split() and slice() agree with cpu on every axis", () =>
  simdAgrees(() =>
    [0, 1, 2, 3].flatMap((axis) => {
      const shape = [2, 3, 4, 5];
      const joined = tf.concat(
        [noise(shape), noise(shape.with(axis, 1), 1), noise(shape, 2)],
        axis,
      );
      const size = shape[axis];
      const begin = [0, 0, 0, 0].with(axis, 1);
      return [
        joined,
        ...tf.split(joined, [size, 1, size], axis),
        tf.slice(joined, begin, joined.shape.with(axis, size)),
        tf.slice(joined, [1, 1, 1, 1], [1, 2, 2, 1]),
      ];
    })
  ));

Deno.test("transpose() agrees with cpu over permutations", () =>
  simdAgrees(() =>
    [
      ...[[1, 0], [0, 2, 1], [2, 0, 1], [0, 1, 2], [1, 0, 2], [2, 1, 0]],
      ...[[0, 3, 1, 2], [0, 2, 3, 1], [1, 2, 0, 3], [3, 2, 1, 0]],
    ].map((perm) => tf.transpose(noise([4, 5, 6, 7].slice(0, perm.length)), perm))
  ));

Deno.test("addN(), zerosLike() and fill() agree with cpu", () =>
  simdAgrees(() => [
    tf.addN([noise([5, 7]), noise([5, 7], 1), noise([5, 7], 2)]),
    tf.zerosLike(noise([3, 3])),
    tf.fill([2, 5], 3.5),
  ]));
