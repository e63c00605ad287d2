import * as tf from "@tensorflow/tfjs";
import type { Random } from "../../lib/math/random.ts";

/** An NCDHW nesting as an NDHWC tensor. */
export function ndhwc(values: number[][][][][]): tf.Tensor5D {
  return tf.tidy(() => tf.transpose(tf.tensor5d(values), [0, 2, 3, 4, 1]));
}

/** Volumes of normal samples. */
export function normalVolumes(
  shape: [number, number, number, number, number],
  source: Random,
): tf.Tensor5D {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor5d(Float32Array.from({ length: size }, () => source.normal()), shape);
}
