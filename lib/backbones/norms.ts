/**
 * Norms that need no other slice of the batch, and have no running statistics.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { groupNorm, type NormWeights } from "../ops/norms/group_norm.ts";
import { layerNorm } from "../ops/norms/layer_norm.ts";
import type { Tensor, Tensor1D, Tensor4D } from "../ops/tensors.ts";
import type { Weights } from "./weights.ts";

/** Numbers of groups to choose from. Those of the paper are 32, for networks of 64 to 2048. */
const GROUPS = [8, 4, 2];
/** Channels of a group at least: fewer at few pixels would leave nothing to tell them apart. */
const LEAST = 4;

/** Adds a norm's scale, 1, and shift, 0. */
export function addNorm(weights: Weights, name: string, channels: number): void {
  weights[`${name}.weight`] = tf.tidy(() => tf.variable(tf.ones([channels])));
  weights[`${name}.bias`] = tf.tidy(() => tf.variable(tf.zeros([channels])));
}

/**
 * How many groups {@linkcode groupNormRelu} makes of some channels: 8, 4 or 2 if they are equal and
 * have four channels or more, else 1.
 */
export function groupsOf(channels: number): number {
  return GROUPS.find((groups) => channels % groups === 0 && channels / groups >= LEAST) ?? 1;
}

/** Group norm and ReLU. */
export function groupNormRelu(x: Tensor4D, weights: Weights, name: string): Tensor4D {
  return groupNorm(x, normWeights(weights, name), { groups: groupsOf(x.shape[3]), relu: true });
}

/** Layer norm over each pixel's channels. */
export function channelNorm(x: Tensor4D, weights: Weights, name: string): Tensor4D {
  return layerNorm(x, normWeights(weights, name));
}

function normWeights(weights: Weights, name: string): NormWeights {
  const vector = (key: string) => weights[`${name}.${key}`] as Tensor as Tensor1D;
  return { gamma: vector("weight"), beta: vector("bias") };
}
