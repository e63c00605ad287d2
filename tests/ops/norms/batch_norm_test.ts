import * as tf from "@tensorflow/tfjs";
import { batchNormEval, batchNormTrain } from "../../../lib/ops/norms/batch_norm.ts";
import { random } from "../../../lib/math/random.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { checkGradient, normals } from "../../support/gradients.ts";

const gamma = () => tf.tensor1d([1.5, -0.5, 2]);
const beta = () => tf.tensor1d([0.1, 0.2, -0.3]);

testOnBackends(
  "batchNormTrain() gives each channel mean β and standard deviation |γ|",
  async () => {
    const x = tf.add(tf.mul(normals([4, 5, 6, 3], random("bn")), 3), 7) as tf.Tensor4D;
    const { mean, variance } = tf.moments(batchNormTrain(x, gamma(), beta()), [0, 1, 2]);
    assertClose(await mean.array() as number[], [0.1, 0.2, -0.3]);
    assertClose(await variance.array() as number[], [2.25, 0.25, 4]);
  },
);

testOnBackends("batchNormTrain() shows the statistics it used", async () => {
  const x = normals([2, 3, 3, 3], random("bn statistics"));
  const expected = tf.moments(x, [0, 1, 2]);
  let seen: tf.Tensor[] = [];
  batchNormTrain(x, gamma(), beta(), {
    observe: (mean, variance) => seen = [tf.keep(tf.clone(mean)), tf.keep(tf.clone(variance))],
  });
  assertClose(await seen[0].array() as number[], await expected.mean.array() as number[]);
  assertClose(await seen[1].array() as number[], await expected.variance.array() as number[]);
});

for (const relu of [false, true]) {
  testOnBackends(
    `batchNormTrain() has the gradients of finite differences, relu ${relu}`,
    async () => {
      const source = random("bn gradient", 1);
      const x = normals([2, 4, 3, 3], source);
      const y = (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
        batchNormTrain(x as tf.Tensor4D, g as tf.Tensor1D, b as tf.Tensor1D, { relu });
      const options = { step: 1e-3, tolerance: 3e-2 };
      await checkGradient((x) => y(x, gamma(), beta()), x, source, options);
      await checkGradient((g) => y(x, g, beta()), gamma(), source, options);
      await checkGradient((b) => y(x, gamma(), b), beta(), source, options);
    },
  );
}

testOnBackends("batchNormEval() with the batch's statistics equals training", async () => {
  const x = normals([2, 3, 4, 3], random("bn eval"));
  const moments = tf.moments(x, [0, 1, 2]);
  const statistics = {
    gamma: gamma(),
    beta: beta(),
    mean: moments.mean as tf.Tensor1D,
    variance: moments.variance as tf.Tensor1D,
  };
  assertClose(
    await batchNormEval(x, statistics, { relu: true }).array(),
    await batchNormTrain(x, gamma(), beta(), { relu: true }).array(),
  );
});
