/**
 * Networks one after another.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network, Weights } from "./weights.ts";

/**
 * One network of named parts, each fed with the one before; the weights of the part `backbone` are
 * named `backbone.…`. The parts share their weights with it.
 */
export function sequence(parts: Record<string, Network>): Network {
  const weights: Weights = {};
  for (const [part, network] of Object.entries(parts)) {
    for (const [name, weight] of Object.entries(network.weights)) {
      weights[`${part}.${name}`] = weight;
    }
  }
  const networks = Object.values(parts);
  return {
    weights,
    forward: (x, options) =>
      tf.tidy(() => networks.reduce((y, network) => network.forward(y, options), x)),
  };
}
