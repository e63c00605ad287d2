import * as tf from "@tensorflow/tfjs";
import { adamUpdate } from "../../lib/ops/adam.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";

for (const name of ["adam", "adamw"]) {
  testOnBackends(
    withFixtures(`adamUpdate() follows PyTorch's ${name} for four steps`),
    async () => {
      const { lr, weight_decay, w0, grads, w } = fixture(`${name}.json`);
      let state: tf.Tensor[] = [tf.tensor1d(w0), tf.zeros([w0.length]), tf.zeros([w0.length])];
      for (const [i, gradient] of grads.entries()) {
        state = adamUpdate(
          { w: state[0], gradient: tf.tensor1d(gradient), m: state[1], v: state[2] },
          { learningRate: lr, step: i + 1, weightDecay: weight_decay },
        );
        assertClose(await state[0].array() as number[], w[i], 1e-6);
      }
    },
  );
}

testOnBackends(
  "adamUpdate() moves each weight by the learning rate in its first step",
  async () => {
    const w = tf.tensor1d([1, -2, 3]);
    const [moved] = adamUpdate(
      { w, gradient: tf.tensor1d([5, -0.1, 1000]), m: tf.zeros([3]), v: tf.zeros([3]) },
      { learningRate: 0.01, step: 1, weightDecay: 0 },
    );
    assertClose(await moved.array() as number[], [0.99, -1.99, 2.99], 1e-5);
  },
);
