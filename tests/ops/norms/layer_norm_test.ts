import * as tf from "@tensorflow/tfjs";
import { layerNorm } from "../../../lib/ops/norms/layer_norm.ts";
import { random } from "../../../lib/math/random.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { checkGradient, normals } from "../../support/gradients.ts";

const gamma = [1.5, -0.5, 2, 1, 0.7];
const beta = [0.1, 0.2, -0.3, 0, 0.5];

testOnBackends("layerNorm() normalises each pixel over its channels", async () => {
  const x: tf.Tensor4D = tf.add(tf.mul(normals([2, 3, 4, 5], random("ln")), 3), 7);
  const values = await x.data();
  const expected = Array.from({ length: 24 }, (_, pixel) => {
    const own = [...values.slice(pixel * 5, pixel * 5 + 5)];
    const mean = own.reduce((sum, value) => sum + value, 0) / 5;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    return own.map((value, c) => gamma[c] * (value - mean) / Math.sqrt(variance + 1e-6) + beta[c]);
  });
  const y = layerNorm(x, { gamma: tf.tensor1d(gamma), beta: tf.tensor1d(beta) });
  assertClose(await y.data(), expected);
});

testOnBackends("layerNorm() has the gradients of finite differences", async () => {
  const source = random("ln gradient", 1);
  const x = normals([2, 4, 3, 5], source);
  const y = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
    layerNorm(x as tf.Tensor4D, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D });
  const [g, b] = [tf.tensor1d(gamma), tf.tensor1d(beta)];
  const options = { step: 1e-3, tolerance: 3e-2 };
  await checkGradient((x) => y(x, g, b), x, source, options);
  await checkGradient((g) => y(x, g, b), g, source, options);
  await checkGradient((b) => y(x, g, b), b, source, options);
});
