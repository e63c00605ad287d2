import * as tf from "@tensorflow/tfjs";
import { gelu } from "../../lib/ops/gelu.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { checkGradient, normals } from "../support/gradients.ts";

/** The normal distribution function by Simpson's rule from 0. */
function distribution(x: number): number {
  const steps = 2000;
  const density = (t: number) => Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 ? 4 : 2) * density(i * x / steps);
  return 0.5 + sum * x / steps / 3;
}

testOnBackends("gelu() is x·Φ(x)", async () => {
  const x = [-6, -3, -1.5, -0.7, -0.01, 0, 0.01, 0.3, 1, 2.5, 7, 100];
  const y = gelu(tf.tensor4d(x, [1, 3, 4, 1]));
  const expected = x.map((value) => value * (value > 8 ? 1 : distribution(value)));
  const found = await y.data();
  // Each to the precision of the error function's formula, 1e-7 of x, not of the largest.
  x.forEach((value, i) => assertClose(found[i], expected[i], 1e-6, Math.max(1, Math.abs(value))));
});

testOnBackends("gelu() has the gradient of finite differences", async () => {
  const source = random("gelu");
  const x: tf.Tensor4D = tf.mul(normals([2, 3, 5, 3], source), 2);
  await checkGradient((x) => gelu(x as tf.Tensor4D), x, source);
});
