import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { adamUpdate } from "../../lib/ops/adam.ts";
import { affineGrid } from "../../lib/ops/affine_grid.ts";
import { batchNormTrain } from "../../lib/ops/norms/batch_norm.ts";
import { gatherRows } from "../../lib/ops/gather_rows.ts";
import { gelu } from "../../lib/ops/gelu.ts";
import { gridSample } from "../../lib/ops/grid_sample.ts";
import { groupNorm } from "../../lib/ops/norms/group_norm.ts";
import { layerNorm } from "../../lib/ops/norms/layer_norm.ts";
import { leakyRelu } from "../../lib/ops/leaky_relu.ts";
import { mix } from "../../lib/ops/mix.ts";
import { nearestVote } from "../../lib/ops/nearest_vote.ts";
import { similarityLogSumExp } from "../../lib/ops/similarity.ts";
import { assertAgrees, noise } from "./oracle.ts";

// On `cpu` these operations compose plain tfjs: the reference.

for (
  const shape of [
    ...[[2, 8, 6, 16], [1, 1, 3, 1], [3, 5, 7, 5], [2, 30, 30, 3], [1, 64, 48, 20]],
    ...[[2, 3, 5, 6, 8], [1, 9, 16, 15, 5]],
  ]
) {
  for (const relu of [false, true]) {
    Deno.test(`batchNormTrain() agrees with its reference on [${shape}], relu ${relu}`, () =>
      assertAgrees(() => {
        const channels = shape.at(-1)!;
        const normalise = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
          batchNormTrain(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, { relu });
        const inputs = [
          // Far from 0 without a ReLU; with one, a rounding error could open or close it.
          tf.add(tf.mul(noise(shape), 3), relu ? 0 : 5),
          noise([channels], 1),
          noise([channels], 2),
        ];
        const [x, gamma, beta] = inputs;
        return [
          normalise(x, gamma, beta),
          ...tf.grads(normalise)(inputs, noise(shape, 3)),
        ];
      }, { tolerance: 1e-4 }));
  }
}

for (
  const [shape, groups] of [
    [[2, 8, 6, 16], 4],
    [[1, 1, 2, 3], 1],
    [[3, 5, 7, 10], 2],
    [[2, 40, 30, 24], 8],
    [[2, 3, 5, 6, 8], 2],
    [[3, 9, 8, 7, 5], 5],
  ] as const
) {
  for (const relu of [false, true]) {
    Deno.test(`groupNorm() agrees with its reference on [${shape}], relu ${relu}`, () =>
      assertAgrees(() => {
        const normalise = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
          groupNorm(
            x as tf.Tensor4D,
            { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D },
            { groups, relu },
          );
        const inputs = [
          tf.add(tf.mul(noise([...shape]), 3), relu ? 0 : 5),
          noise([shape.at(-1)!], 1),
          noise([shape.at(-1)!], 2),
        ];
        const [x, gamma, beta] = inputs;
        return [normalise(x, gamma, beta), ...tf.grads(normalise)(inputs, noise([...shape], 3))];
      }, { tolerance: 1e-4 }));
  }
}

for (const shape of [[2, 8, 6, 16], [1, 1, 1, 3], [3, 5, 7, 10], [1, 30, 40, 5]]) {
  Deno.test(`layerNorm() agrees with its reference on [${shape}]`, () =>
    assertAgrees(() => {
      const normalise = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
        layerNorm(x as tf.Tensor4D, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D });
      const inputs = [
        tf.add(tf.mul(noise(shape), 3), 5),
        noise([shape[3]], 1),
        noise([shape[3]], 2),
      ];
      const [x, gamma, beta] = inputs;
      return [normalise(x, gamma, beta), ...tf.grads(normalise)(inputs, noise(shape, 3))];
    }, { tolerance: 1e-4 }));
}

Deno.test("gelu() and its gradient agree with their reference, far from 0 too", () =>
  assertAgrees(() => {
    const unit = (x: tf.Tensor) => gelu(x as tf.Tensor4D);
    return [[1, 1, 1, 5], [2, 3, 5, 7], [1, 128, 130, 1]].flatMap((shape) => {
      const x = tf.mul(noise(shape), 12);
      return [unit(x), tf.grad(unit)(x, noise(shape, 1))];
    });
  }));

Deno.test("leakyRelu() and its gradient agree with their reference, at 0 too", () =>
  assertAgrees(() => {
    const unit = (x: tf.Tensor) => leakyRelu(x as tf.Tensor4D);
    return [[1, 1, 1, 5], [2, 3, 5, 7], [1, 128, 130, 1], [2, 3, 4, 5, 6]].flatMap((shape) => {
      const x = tf.round(tf.mul(noise(shape), 4));
      return [unit(x), tf.grad(unit)(x, noise(shape, 1))];
    });
  }));

Deno.test("gridSample() and its gradient agree with their reference, outside points too", () =>
  assertAgrees(() =>
    [[2, 7, 9, 5], [1, 1, 1, 1], [3, 8, 8, 16]].flatMap((shape) => {
      const theta = tf.add(tf.mul(noise([shape[0], 2, 3], 1), 0.7), [[[1, 0, 0], [0, 1, 0]]]);
      const grid = affineGrid(theta as tf.Tensor3D, [6, 5]);
      const sample = (x: tf.Tensor) => gridSample(x as tf.Tensor4D, grid);
      const x = noise(shape);
      return [sample(x), tf.grad(sample)(x, noise([shape[0], 6, 5, shape[3]], 2))];
    })
  ));

Deno.test("gatherRows() and its gradient agree with their reference, repeated rows too", () =>
  assertAgrees(() => {
    const indices = tf.tensor1d([3, 0, 3, 8, 1], "int32");
    const take = (x: tf.Tensor) => gatherRows(x as tf.Tensor2D, indices);
    const x = noise([9, 5]);
    return [take(x), tf.grad(take)(x, noise([5, 5], 1))];
  }));

Deno.test("mix() agrees with its reference", () =>
  assertAgrees(() =>
    [[1], [7], [40001]].map((shape) =>
      mix(noise(shape), noise(shape, 1), { keep: 0.9, share: 0.2 })
    )
  ));

Deno.test("gatherRows() throws a RangeError for an index that is no row", () => {
  for (const wrong of [-1, 9]) {
    assert.throws(
      () => tf.tidy(() => gatherRows(noise([9, 5]) as tf.Tensor2D, tf.tensor1d([wrong], "int32"))),
      { name: "RangeError", message: `expected an index in [0, 9), found ${wrong} at 0` },
    );
  }
});

Deno.test("adamUpdate() agrees with its reference over sizes", () =>
  assertAgrees(() =>
    [[1], [2], [7], [4, 5], [130, 130]].flatMap((shape) =>
      adamUpdate(
        {
          w: noise(shape),
          gradient: noise(shape, 1),
          m: noise(shape, 2),
          v: tf.abs(noise(shape, 3)),
        },
        { learningRate: 0.1, step: 3, weightDecay: 0.01 },
      )
    )
  ));

for (const [m, n, d] of [[1, 1, 1], [49, 9, 3], [100, 1030, 64], [3, 512, 260]]) {
  Deno.test(`nearestVote() agrees with its reference: ${m} × ${n} of ${d}`, () =>
    assertAgrees(() => {
      const labels = tf.tensor1d(Array.from({ length: n }, (_, i) => i % 3));
      const memory = { features: noise([n, d], 1) as tf.Tensor2D, labels };
      return nearestVote(noise([m, d]) as tf.Tensor2D, memory, { neighbours: 6, classes: 3 });
    }));
}

// The last one has more pairs than the kernels of WebGPU keep at a time.
for (const [n, d] of [[2, 1], [9, 5], [100, 64], [61, 300], [2150, 4]]) {
  Deno.test(`similarityLogSumExp() and its gradient agree with their reference: ${n} × ${d}`, () =>
    assertAgrees(() => {
      const mask = tf.tensor1d(Array.from({ length: n }, (_, i) => i % 7 === 3 ? 0 : 1));
      const normaliser = (z: tf.Tensor) =>
        similarityLogSumExp(z as tf.Tensor2D, mask, { temperature: 0.53 });
      const z = noise([n, d]);
      // What does not count is no row of the loss either.
      return [normaliser(z), tf.grad(normaliser)(z, tf.mul(noise([n], 1), mask))];
    }));
}

Deno.test("similarityLogSumExp() stays finite where nothing counts", () => {
  const [value, gradient] = tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((z: tf.Tensor) =>
      tf.sum(tf.mul(similarityLogSumExp(z as tf.Tensor2D, tf.zeros([5]), { temperature: 0.1 }), 0))
    )(noise([5, 3]));
    return [value.dataSync()[0], [...grad.dataSync()]];
  });
  assert.ok(value === 0 && gradient.every((entry) => entry === 0));
});
