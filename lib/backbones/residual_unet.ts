/**
 * Deep residual U-Net with group norm. No layer looks at more than one slice, so that it trains
 * alike on any batch, and there is no mode of evaluation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkWidths } from "../config/backbone.ts";
import type { Backbone, BackboneOptions } from "./backbone.ts";
import { addNorm, groupNormRelu } from "./norms.ts";
import { uShape } from "./u_shape.ts";
import { addConv, addTransposedConv, conv, transposedConv, type Weights } from "./weights.ts";

/**
 * Makes a residual U-Net (Zhang, Liu & Wang, Road Extraction by Deep Residual U-Net, 2018, arXiv
 * 1711.10684): residual units with the activation before the convolution (He et al., ECCV 2016,
 * arXiv 1603.05027, fig. 4e), with group norm (Wu & He, ECCV 2018) in place of batch norm. Down by
 * a convolution of stride 2, up by 2×2 transposed convolutions, skips concatenated.
 *
 * @throws {RangeError} for fewer than two widths, or a width below 4.
 */
export function residualUNet(
  { widths, features, channels = 1, seed = 0 }: BackboneOptions,
): Backbone {
  checkWidths({ name: "residual-unet", widths }, "residualUNet");
  const weights: Weights = {};
  const deepest = widths.length - 1;
  addConv(weights, "stem", { kernel: 3, from: channels, to: widths[0], bias: false, seed });
  widths.forEach((to, level) => {
    const from = level ? widths[level - 1] : to;
    addUnit(weights, `down.${level}`, { from, to, fits: level === 0, seed });
  });
  for (let level = deepest; level > 0; level--) {
    const [above, here, name] = [widths[level - 1], widths[level], deepest - level];
    addTransposedConv(weights, `upconv.${name}`, { kernel: 2, from: here, to: above, seed });
    const to = level === 1 ? features : above;
    addUnit(weights, `up.${name}`, { from: 2 * above, to, fits: 2 * above === to, seed });
  }
  addNorm(weights, "norm", features);
  return uShape({
    name: "residualUNet",
    weights,
    widths,
    features,
    channels,
    down: (x, { level }) => {
      const input = level ? x : conv(x, weights, "stem");
      return unit(input, weights, { name: `down.${level}`, stride: level ? 2 : 1 });
    },
    up: ({ below, skip }, { level }) => {
      const name = deepest - 1 - level;
      const up = transposedConv(below, weights, `upconv.${name}`);
      const y = unit(tf.concat([skip, up], 3), weights, { name: `up.${name}`, stride: 1 });
      return level ? y : groupNormRelu(y, weights, "norm");
    },
  });
}

/** Adds a unit's weights; `fits` says whether its output has its input's shape. */
function addUnit(
  weights: Weights,
  name: string,
  { from, to, fits, seed }: { from: number; to: number; fits: boolean; seed: number },
): void {
  addNorm(weights, `${name}.norm1`, from);
  addConv(weights, `${name}.conv1`, { kernel: 3, from, to, bias: false, seed });
  addNorm(weights, `${name}.norm2`, to);
  addConv(weights, `${name}.conv2`, { kernel: 3, from: to, to, bias: false, seed });
  if (!fits) addConv(weights, `${name}.shortcut`, { kernel: 1, from, to, bias: false, seed });
}

/**
 * x + conv(act(conv(act(x)))), act being norm and ReLU; where the shapes differ x passes a 1×1
 * convolution.
 */
function unit(
  x: tf.Tensor4D,
  weights: Weights,
  { name, stride }: { name: string; stride: number },
): tf.Tensor4D {
  const active = groupNormRelu(x, weights, `${name}.norm1`);
  const half = conv(active, weights, `${name}.conv1`, { stride });
  const residual = conv(groupNormRelu(half, weights, `${name}.norm2`), weights, `${name}.conv2`);
  const fits = !weights[`${name}.shortcut.weight`];
  const shortcut = fits ? x : conv(active, weights, `${name}.shortcut`, { stride });
  return tf.add(shortcut, residual);
}
