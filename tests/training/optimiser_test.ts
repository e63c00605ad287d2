import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Weights } from "../../lib/backbones/weights.ts";
import { adamState, adamStep, valueAndGradients } from "../../lib/training/optimiser.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { onCpu, withoutLeak } from "./tiny.ts";

/** Weights of two vectors and a running statistic. */
function twoWeights(): Weights {
  return {
    "body.weight": tf.variable(tf.tensor1d([1, 2])),
    "head.weight": tf.variable(tf.tensor1d([3, 4])),
    "body.running_mean": tf.variable(tf.tensor1d([5]), false),
  };
}

for (const name of ["adam", "adamw"]) {
  testOnBackends(
    withFixtures(`adamStep() follows PyTorch's ${name} on the gradients of a loss`),
    async () => {
      const { lr, weight_decay, w0, grads, w } = fixture(`${name}.json`);
      const weights = { w: tf.variable(tf.tensor1d(w0)) };
      const adam = adamState(weights);
      for (const [i, gradient] of grads.entries()) {
        const loss = () => tf.sum<tf.Scalar>(tf.mul(weights.w, tf.tensor1d(gradient)));
        const { gradients } = valueAndGradients(weights, loss);
        adamStep({ weights, adam }, gradients, {
          learningRate: () => lr,
          weightDecay: weight_decay,
        });
        assertClose(await weights.w.data(), w[i], 1e-6);
      }
    },
  );
}

Deno.test(
  "adamStep() moves each weight at its own rate, and none without a gradient",
  onCpu(async () => {
    const weights = twoWeights();
    const adam = adamState(weights);
    const gradients = { "head.weight": tf.tensor1d([1, -1]) };
    const learningRate = (name: string) => name.startsWith("head.") ? 0.5 : 100;
    adamStep({ weights, adam }, gradients, { learningRate });
    assertClose(await weights["head.weight"].data(), [2.5, 4.5], 1e-6);
    assert.deepEqual([...await weights["body.weight"].data()], [1, 2]);
    assert.equal(adam.step, 1);
  }),
);

testOnBackends("adamStep() shrinks weights by rate times decay, beside the gradient", async () => {
  const after = async (weightDecay?: number) => {
    const weights = twoWeights();
    const gradients = { "head.weight": tf.tensor1d([1, 0]), "body.weight": tf.tensor1d([0, 0]) };
    const learningRate = (name: string) => name.startsWith("head.") ? 0.5 : 0.1;
    adamStep({ weights, adam: adamState(weights) }, gradients, { learningRate, weightDecay });
    return [...await weights["head.weight"].data(), ...await weights["body.weight"].data()];
  };
  // The head's [3, 4] and the body's [1, 2]; the first step of Adam is as long as its rate.
  assertClose(await after(), [2.5, 4, 1, 2], 1e-6);
  assertClose(await after(0.2), [3 * 0.9 - 0.5, 4 * 0.9, 0.98, 1.96], 1e-6);
});

Deno.test(
  "valueAndGradients() names the gradients of trainable weights that the loss depends on",
  onCpu(async () => {
    const weights = twoWeights();
    const { value, gradients } = valueAndGradients(weights, () => {
      const statistic = tf.sum(weights["body.running_mean"]);
      return tf.add(tf.sum(tf.square(weights["head.weight"])), statistic) as tf.Scalar;
    });
    assert.equal((await value.data())[0], 30);
    assert.deepEqual(Object.keys(gradients), ["head.weight"]);
    assert.deepEqual([...await gradients["head.weight"].data()], [6, 8]);
  }),
);

Deno.test(
  "adamState() remembers trainable weights only, from zero",
  onCpu(async () => {
    const adam = adamState(twoWeights());
    assert.equal(adam.step, 0);
    for (const moments of [adam.m, adam.v]) {
      assert.deepEqual(Object.keys(moments), ["body.weight", "head.weight"]);
      assert.deepEqual([...await moments["head.weight"].data()], [0, 0]);
    }
  }),
);

testOnBackends("adamStep() keeps no tensor from step to step", async () => {
  const weights = twoWeights();
  const adam = adamState(weights);
  await withoutLeak(async () => {
    for (let step = 0; step < 3; step++) {
      const loss = () => tf.sum<tf.Scalar>(tf.square(weights["head.weight"]));
      const { value, gradients } = valueAndGradients(weights, loss);
      adamStep({ weights, adam }, gradients, { learningRate: () => 0.1, weightDecay: 0.1 });
      await value.data();
      tf.dispose([value, gradients]);
    }
  })();
});
