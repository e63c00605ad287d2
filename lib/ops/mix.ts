/**
 * The weighted sum that running averages are made of.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { runKernel } from "./kernel.ts";
import type { Tensor } from "./tensors.ts";

/** The weights of {@linkcode mix}. */
export interface MixOptions {
  /** Weight of the first tensor. */
  keep: number;
  /** Weight of the second tensor. */
  share: number;
}

/**
 * keep · a + share · b; no gradient.
 *
 * Kernel: `MixTensors` {a, b}, attributes {keep, share} → the sum.
 *
 * @param a any shape.
 * @param b the same shape.
 */
export function mix(a: Tensor, b: Tensor, { keep, share }: MixOptions): Tensor {
  const compose = (): [Tensor] => [tf.add(tf.mul(a, keep), tf.mul(b, share))];
  return runKernel("MixTensors", { a, b }, { keep, share }, compose)[0];
}
