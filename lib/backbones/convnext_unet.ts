/**
 * U-Net of ConvNeXt blocks: large depthwise filters see far, pointwise layers do the work.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkWidths } from "../config/backbone.ts";
import { gelu } from "../ops/gelu.ts";
import type { Backbone, BackboneOptions } from "./backbone.ts";
import { addNorm, channelNorm } from "./norms.ts";
import { uShape } from "./u_shape.ts";
import {
  addConv,
  addTransposedConv,
  conv,
  depthwiseConv,
  transposedConv,
  type Weights,
} from "./weights.ts";

/** Blocks of a level in the encoder; the decoder has one. */
const BLOCKS = 2;
/** How much wider a block is inside, as published. */
const EXPANSION = 4;
/** LayerScale at first: Touvron et al. 2021 (arXiv 2103.17239) take 0.1 up to 18 blocks. */
const LAYER_SCALE = 0.1;

/**
 * Makes a U-Net of ConvNeXt blocks (Liu et al., A ConvNet for the 2020s, CVPR 2022, arXiv
 * 2201.03545, fig. 4): depthwise 7×7, layer norm, pointwise ×4, GELU, pointwise, LayerScale, added
 * to the input. Down by a norm and a 2×2 convolution of stride 2, up by 2×2 transposed
 * convolutions; a 1×1 convolution joins what comes up to the skip. The stem is a 3×3 convolution,
 * not patches of 4×4: every pixel has its features, which a norm, a 1×1 convolution and GELU make.
 *
 * @throws {RangeError} for fewer than two widths, or a width below 4.
 */
export function convNextUNet(
  { widths, features, channels = 1, seed = 0 }: BackboneOptions,
): Backbone {
  checkWidths({ name: "convnext-unet", widths }, "convNextUNet");
  const weights = makeWeights({ widths, features, channels, seed });
  const deepest = widths.length - 1;
  return uShape({
    name: "convNextUNet",
    weights,
    widths,
    features,
    channels,
    down: (x, { level }) => {
      x = level
        ? conv(channelNorm(x, weights, `downsample.${level}.0`), weights, `downsample.${level}.1`, {
          stride: 2,
        })
        : channelNorm(conv(x, weights, "stem.0"), weights, "stem.1");
      for (let i = 0; i < BLOCKS; i++) x = block(x, weights, `down.${level}.${i}`);
      return x;
    },
    up: ({ below, skip }, { level }) => {
      const name = deepest - 1 - level;
      const up = transposedConv(below, weights, `upconv.${name}`);
      const joined = conv(tf.concat([skip, up], 3), weights, `join.${name}`);
      const y = block(joined, weights, `up.${name}`);
      return level ? y : gelu(conv(channelNorm(y, weights, "norm"), weights, "out"));
    },
  });
}

function makeWeights({ widths, features, channels, seed }: Required<BackboneOptions>): Weights {
  const weights: Weights = {};
  const deepest = widths.length - 1;
  addConv(weights, "stem.0", { kernel: 3, from: channels, to: widths[0], bias: true, seed });
  addNorm(weights, "stem.1", widths[0]);
  widths.forEach((to, level) => {
    if (level) {
      const from = widths[level - 1];
      addNorm(weights, `downsample.${level}.0`, from);
      addConv(weights, `downsample.${level}.1`, { kernel: 2, from, to, bias: true, seed });
    }
    for (let i = 0; i < BLOCKS; i++) addBlock(weights, `down.${level}.${i}`, to, seed);
  });
  for (let level = deepest; level > 0; level--) {
    const [above, here, name] = [widths[level - 1], widths[level], deepest - level];
    addTransposedConv(weights, `upconv.${name}`, { kernel: 2, from: here, to: above, seed });
    addConv(weights, `join.${name}`, {
      kernel: 1,
      from: 2 * above,
      to: above,
      bias: true,
      seed,
    });
    addBlock(weights, `up.${name}`, above, seed);
  }
  addNorm(weights, "norm", widths[0]);
  addConv(weights, "out", { kernel: 1, from: widths[0], to: features, bias: true, seed });
  return weights;
}

/** Names are those of the published code; its linear layers are 1×1 convolutions here. */
function addBlock(weights: Weights, name: string, width: number, seed: number): void {
  const inside = EXPANSION * width;
  addConv(weights, `${name}.dwconv`, { kernel: 7, from: 1, to: width, bias: true, seed });
  addNorm(weights, `${name}.norm`, width);
  addConv(weights, `${name}.pwconv1`, { kernel: 1, from: width, to: inside, bias: true, seed });
  addConv(weights, `${name}.pwconv2`, { kernel: 1, from: inside, to: width, bias: true, seed });
  weights[`${name}.gamma`] = tf.tidy(() => tf.variable(tf.fill([width], LAYER_SCALE)));
}

function block(x: tf.Tensor4D, weights: Weights, name: string): tf.Tensor4D {
  const seen = channelNorm(depthwiseConv(x, weights, `${name}.dwconv`), weights, `${name}.norm`);
  const inside = gelu(conv(seen, weights, `${name}.pwconv1`));
  const residual = conv(inside, weights, `${name}.pwconv2`);
  return tf.add(x, tf.mul(residual, weights[`${name}.gamma`]));
}
