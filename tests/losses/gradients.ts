/** What the loss tests share: random tensors and the check of gradients by finite differences. */
import * as tf from "@tensorflow/tfjs";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

/** Standard normal values that belong to a seed. */
export function normals<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  const draw = random(seed, "normals");
  const size = (shape as number[]).reduce((a, b) => a * b);
  return tf.tensor(Float32Array.from({ length: size }, () => draw.normal()), shape);
}

/** A scalar's value. */
export async function value(x: tf.Tensor): Promise<number> {
  return (await x.data())[0];
}

/**
 * Asserts that the gradient at x, along two random directions, is the central difference of the
 * loss. Float32 leaves the difference about three digits.
 */
export async function assertGradient(
  loss: (x: tf.Tensor) => tf.Scalar,
  x: tf.Tensor,
): Promise<void> {
  const gradient = tf.grad(loss)(x);
  for (const seed of [1, 2]) {
    const direction = normals(x.shape as [number, number], seed);
    const step = tf.mul(direction, 1e-2);
    const difference = tf.sub(loss(tf.add(x, step)), loss(tf.sub(x, step)));
    const expected = await value(difference) / 2e-2;
    assertClose(await value(tf.sum(tf.mul(gradient, direction))), expected, 3e-3, 1e-2);
  }
}
