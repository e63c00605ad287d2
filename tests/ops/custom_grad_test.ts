import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { customGrad } from "../../lib/ops/custom_grad.ts";
import type { Scalar } from "../../lib/ops/tensors.ts";
import { testOnBackends } from "../support/backends.ts";

/** a · b, with a gradient that no derivation gives: 7 · dy · a in a, none in b. */
function product(a: Scalar, b: Scalar): Scalar {
  return customGrad({ a, b }, {
    forward: () => ({ value: tf.mul<Scalar>(a, b), saved: { a } }),
    backward: (dy, { a }) => ({ a: tf.mul(dy, tf.mul(a, 7)) }),
  });
}

testOnBackends(
  "customGrad() takes the gradient that it is given, and constants as flat",
  async () => {
    const slope = tf.grads((a, b) => tf.mul(product(a as Scalar, b as Scalar), 2));
    const [da, db] = slope([tf.scalar(3), tf.scalar(5)]);
    assert.deepEqual([(await da.data())[0], (await db.data())[0]], [2 * 7 * 3, 0]);
  },
);

testOnBackends("customGrad() computes values where nobody asks for a gradient", async () => {
  assert.equal((await product(tf.scalar(3), tf.scalar(5)).data())[0], 15);
});
