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

testOnBackends("adamUpdate() is Adam's and AdamW's definition, step by step", async () => {
  const gradients = [[0.5, -2, 1e-3], [1, 0.25, 0], [-3, 0.5, 2e-3]];
  for (const weightDecay of [0, 0.3]) {
    const learningRate = 0.05;
    let state: tf.Tensor[] = [tf.tensor1d([1, -2, 3]), tf.zeros([3]), tf.zeros([3])];
    const [w, m, v] = [[1, -2, 3], [0, 0, 0], [0, 0, 0]];
    for (const [i, gradient] of gradients.entries()) {
      const [before, first, second] = state;
      state = adamUpdate(
        { w: before, gradient: tf.tensor1d(gradient), m: first, v: second },
        { learningRate, step: i + 1, weightDecay },
      );
      gradient.forEach((g, k) => {
        m[k] = 0.9 * m[k] + 0.1 * g;
        v[k] = 0.999 * v[k] + 0.001 * g * g;
        const [mean, square] = [m[k] / (1 - 0.9 ** (i + 1)), v[k] / (1 - 0.999 ** (i + 1))];
        w[k] -= learningRate * (weightDecay * w[k] + mean / (Math.sqrt(square) + 1e-8));
      });
      assertClose(await state[0].data<"float32">(), w, 1e-5);
    }
  }
});
