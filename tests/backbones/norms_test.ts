import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { addNorm, channelNorm, groupNormRelu, groupsOf } from "../../lib/backbones/norms.ts";
import type { Weights } from "../../lib/backbones/weights.ts";
import { groupNorm } from "../../lib/ops/norms/group_norm.ts";
import { layerNorm } from "../../lib/ops/norms/layer_norm.ts";
import { random } from "../../lib/math/random.ts";
import { normals } from "../support/gradients.ts";
import { onCpu } from "../training/tiny.ts";

Deno.test("groupsOf() makes equal groups of four channels or more, eight at most", () => {
  const found = [1, 4, 7, 8, 12, 16, 20, 24, 32, 48, 1024].map(groupsOf);
  assert.deepEqual(found, [1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8]);
});

Deno.test(
  "groupNormRelu() and channelNorm() use the weights of their name, at first 1 and 0",
  onCpu(async () => {
    const weights: Weights = {};
    addNorm(weights, "a", 8);
    addNorm(weights, "b", 8);
    assert.deepEqual(Object.keys(weights), ["a.weight", "a.bias", "b.weight", "b.bias"]);
    const [gamma, beta] = [tf.ones<tf.Rank.R1>([8]), tf.zeros<tf.Rank.R1>([8])];
    const x = normals([2, 3, 3, 8], random("norms"));
    weights["b.weight"].assign(tf.fill([8], 2));
    assert.deepEqual(
      await groupNormRelu(x, weights, "a").data(),
      await groupNorm(x, { gamma, beta }, { groups: 2, relu: true }).data(),
    );
    assert.deepEqual(
      await channelNorm(x, weights, "b").data(),
      await layerNorm(x, { gamma: tf.mul(gamma, 2), beta }).data(),
    );
  }),
);
