import * as tf from "@tensorflow/tfjs";
import type { Random } from "../../lib/math/random.ts";
import { assertClose } from "./close.ts";

/** A tensor of normal samples. */
export function normals(shape: [number, number, number, number], source: Random): tf.Tensor4D {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor4d(Float32Array.from({ length: size }, () => source.normal()), shape);
}

/**
 * Asserts that the gradient of Σ dy·f(x), for a random dy, agrees with central differences along
 * random directions.
 */
export async function checkGradient(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  source: Random,
  { step = 1e-2, tolerance = 1e-2, directions = 4 } = {},
): Promise<void> {
  const like = (t: tf.Tensor) =>
    tf.tensor(Float32Array.from({ length: t.size }, () => source.normal()), t.shape);
  const dy = like(f(x));
  const weighted = (x: tf.Tensor) => tf.sum(tf.mul(f(x), dy)) as tf.Scalar;
  const gradient = tf.grad(weighted)(x);
  for (let i = 0; i < directions; i++) {
    const direction = like(x);
    const along = (amount: number) => weighted(tf.add(x, tf.mul(direction, amount))).data();
    const [[above], [below]] = await Promise.all([along(step), along(-step)]);
    const [found] = await tf.sum(tf.mul(gradient, direction)).data();
    const scale = Math.sqrt((await tf.sum(tf.square(gradient)).data())[0]);
    assertClose([found], [(above - below) / (2 * step)], tolerance, Math.max(scale, 1e-3));
  }
}
