import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { random } from "../../lib/math/random.ts";
import { convTranspose3d } from "../../lib/ops/conv_transpose.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { checkGradient } from "../support/gradients.ts";
import { ndhwc, normalVolumes } from "../support/volumes.ts";

const up = (x: tf.Tensor, filter: tf.Tensor) =>
  convTranspose3d(x as tf.Tensor5D, filter as tf.Tensor5D);

/** A nesting of [in, out, depth, height, width] as a filter. */
function filterOf(values: number[][][][][]): tf.Tensor5D {
  return tf.tidy(() => tf.transpose(tf.tensor5d(values), [2, 3, 4, 1, 0]));
}

testOnBackends(
  withFixtures("convTranspose3d() agrees with PyTorch, values and gradients"),
  async () => {
    const { x, w, y, dy, dx, dw } = fixture("conv_transpose3d.json");
    const inputs = [ndhwc(x), filterOf(w)];
    assertClose(await up(inputs[0], inputs[1]).array(), await ndhwc(y).array());
    const gradients = tf.grads(up)(inputs, ndhwc(dy));
    assertClose(await gradients[0].array(), await ndhwc(dx).array());
    assertClose(await gradients[1].array(), await filterOf(dw).array());
  },
);

testOnBackends("convTranspose3d() makes a block of each voxel", async () => {
  const x = tf.tensor5d([3, 5], [1, 2, 1, 1, 1]);
  const filter = tf.tensor5d([1, 2, 3, 4], [1, 2, 2, 1, 1]);
  const y = convTranspose3d(x, filter);
  assert.deepEqual(y.shape, [1, 2, 2, 2, 1]);
  assertClose(await y.data(), [3, 6, 9, 12, 5, 10, 15, 20], 1e-6);
});

for (const block of [[2, 2, 2], [1, 2, 2], [3, 1, 2]]) {
  testOnBackends(
    `convTranspose3d() has the gradients of differences, blocks ${block}`,
    async () => {
      const source = random("enlarged", ...block);
      const x = normalVolumes([2, 3, 2, 5, 8], source);
      const filter = normalVolumes([block[0], block[1], block[2], 5, 8], source);
      await checkGradient((x) => up(x, filter), x, source);
      await checkGradient((filter) => up(x, filter), filter, source);
    },
  );
}

Deno.test("convTranspose3d() names the shapes where channels differ", () =>
  assert.throws(() => up(tf.zeros([1, 2, 2, 2, 3]), tf.zeros([2, 2, 2, 4, 5])), {
    name: "RangeError",
    message: "convTranspose3d: expected a filter [depth, height, width, to, 3] for x " +
      "[1,2,2,2,3], found [2,2,2,4,5]",
  }));
