import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { groupNorm } from "../../../lib/ops/norms/group_norm.ts";
import { random } from "../../../lib/math/random.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { checkGradient, normals } from "../../support/gradients.ts";

const shape: [number, number, number, number] = [2, 3, 4, 6];
const gamma = () => tf.tensor1d([1.5, -0.5, 2, 1, 0.7, -1.2]);
const beta = () => tf.tensor1d([0.1, 0.2, -0.3, 0, 0.5, -0.4]);

/** Slice by slice and group by group, in doubles. */
function reference(
  x: Float32Array,
  { gamma, beta, groups }: { gamma: Float32Array; beta: Float32Array; groups: number },
): number[] {
  const [batch, height, width, channels] = shape;
  const y = new Array<number>(x.length);
  const size = channels / groups;
  for (let b = 0; b < batch; b++) {
    for (let group = 0; group < groups; group++) {
      const places: number[] = [];
      for (let pixel = 0; pixel < height * width; pixel++) {
        for (let c = group * size; c < (group + 1) * size; c++) {
          places.push((b * height * width + pixel) * channels + c);
        }
      }
      const mean = places.reduce((sum, i) => sum + x[i], 0) / places.length;
      const variance = places.reduce((sum, i) => sum + (x[i] - mean) ** 2, 0) / places.length;
      for (const i of places) {
        const normalised = (x[i] - mean) / Math.sqrt(variance + 1e-5);
        y[i] = normalised * gamma[i % channels] + beta[i % channels];
      }
    }
  }
  return y;
}

for (const groups of [1, 2, 3, 6]) {
  testOnBackends(
    `groupNorm() normalises ${groups} groups of each slice by themselves`,
    async () => {
      const x: tf.Tensor4D = tf.add(tf.mul(normals(shape, random("gn")), 3), 7);
      const weights = { gamma: gamma(), beta: beta() };
      const expected = reference(await x.data() as Float32Array, {
        gamma: await weights.gamma.data() as Float32Array,
        beta: await weights.beta.data() as Float32Array,
        groups,
      });
      assertClose(await groupNorm(x, weights, { groups }).data(), expected);
      assertClose(
        await groupNorm(x, weights, { groups, relu: true }).data(),
        expected.map((value) => Math.max(0, value)),
      );
    },
  );
}

for (const relu of [false, true]) {
  testOnBackends(`groupNorm() has the gradients of finite differences, relu ${relu}`, async () => {
    const source = random("gn gradient", 1);
    const x = normals(shape, source);
    const y = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
      groupNorm(
        x as tf.Tensor4D,
        { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D },
        { groups: 3, relu },
      );
    const options = { step: 1e-3, tolerance: 3e-2 };
    await checkGradient((x) => y(x, gamma(), beta()), x, source, options);
    await checkGradient((g) => y(x, g, beta()), gamma(), source, options);
    await checkGradient((b) => y(x, gamma(), b), beta(), source, options);
  });
}

Deno.test("groupNorm() refuses groups that are not equal", () => {
  assert.throws(
    () => groupNorm(tf.ones<tf.Rank.R4>(shape), { gamma: gamma(), beta: beta() }, { groups: 4 }),
    {
      name: "RangeError",
      message: "groupNorm: expected channels in 4 equal groups, found 6 channels",
    },
  );
});
