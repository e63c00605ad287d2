/** Layers computed another way, to compare with. */
import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../../lib/backbones/weights.ts";
import { random } from "../../lib/math/random.ts";

/** A 3×3 convolution with zeros around the image put there by hand. */
export function padded(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number): tf.Tensor4D {
  return tf.conv2d(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), filter, stride, "valid");
}

/** Moves scales, shifts and biases off their initial values, so that each of them matters. */
export async function disturbNorms(weights: Weights): Promise<void> {
  const source = random("disturb");
  for (const weight of Object.values(weights).filter(({ rank }) => rank === 1)) {
    const values = await weight.data();
    const moved = tf.tensor1d(values.map((value) => value + source.uniform(-0.3, 0.3)));
    weight.assign(moved);
    moved.dispose();
  }
}
