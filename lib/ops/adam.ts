/**
 * One step of Adam or AdamW on one parameter.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { runKernel } from "./kernel.ts";
import type { Tensor } from "./tensors.ts";

/** The settings of one step. */
export interface AdamSettings {
  /** Step size. */
  learningRate: number;
  /** Number of this step, from 1. */
  step: number;
  /** Decoupled weight decay (AdamW); 0 is Adam. */
  weightDecay: number;
}

/** Decay rates of the moments and the denominator's guard, as published. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019):
 * w ← w·(1 − lr·decay) − lr · m̂/(√v̂ + 1e-8), with β₁ = 0.9 and β₂ = 0.999.
 *
 * Kernel: `AdamUpdate` {w, gradient, m, v}, attributes {learningRate, weightDecay, beta1, beta2,
 * epsilon, correction1, correction2} → [w', m', v'], where the corrections are 1 − βᵗ.
 *
 * @returns the new w, m and v, each of w's shape.
 */
export function adamUpdate(
  { w, gradient, m, v }: Record<"w" | "gradient" | "m" | "v", Tensor>,
  { learningRate, step, weightDecay }: AdamSettings,
): Tensor[] {
  const correction1 = 1 - BETA1 ** step;
  const correction2 = 1 - BETA2 ** step;
  const attributes = { learningRate, weightDecay, beta1: BETA1, beta2: BETA2, epsilon: EPSILON };
  return runKernel(
    "AdamUpdate",
    { w, gradient, m, v },
    { ...attributes, correction1, correction2 },
    () => {
      const m1 = tf.add(tf.mul(m, BETA1), tf.mul(gradient, 1 - BETA1));
      const v1 = tf.add(tf.mul(v, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
      const root = tf.add(tf.sqrt(tf.mul(v1, 1 / correction2)), EPSILON);
      const move = tf.mul(tf.div(m1, root), learningRate / correction1);
      return [tf.sub(tf.mul(w, 1 - learningRate * weightDecay), move), m1, v1];
    },
  );
}
