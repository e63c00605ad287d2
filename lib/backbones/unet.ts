/**
 * U-Net (Ronneberger, Fischer & Brox, MICCAI 2015) with batch norm, as Pix2Rep uses it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkWidths } from "../config/backbone.ts";
import type { Backbone, BackboneOptions } from "./backbone.ts";
import { uShape } from "./u_shape.ts";
import {
  addBatchNorm,
  addConv,
  addTransposedConv,
  batchNormRelu,
  conv,
  type ForwardOptions,
  transposedConv,
  type Weights,
} from "./weights.ts";

/**
 * Makes a U-Net: two 3×3 convolutions with batch norm and ReLU per level, max-pooling down,
 * 2×2 transposed convolutions up, skips concatenated before what comes from below.
 *
 * @throws {RangeError} for fewer than two widths, or widths that cannot be halved.
 */
export function unet({ widths, features, channels = 1, seed = 0 }: BackboneOptions): Backbone {
  checkWidths({ name: "unet", widths }, "unet");
  const weights: Weights = {};
  const deepest = widths.length - 1;
  widths.forEach((width, level) =>
    addBlock(weights, `down.${level}`, {
      from: level ? widths[level - 1] : channels,
      to: width,
      seed,
    })
  );
  for (let level = deepest; level > 0; level--) {
    const [above, here, name] = [widths[level - 1], widths[level], deepest - level];
    addTransposedConv(weights, `upconv.${name}`, { kernel: 2, from: here, to: here / 2, seed });
    addBlock(weights, `up.${name}`, {
      from: above + here / 2,
      to: level === 1 ? features : above,
      seed,
    });
  }
  return uShape({
    name: "unet",
    weights,
    widths,
    features,
    channels,
    down: (x, { level, training }) => {
      const input = level ? tf.maxPool(x, 2, 2, "valid") : x;
      return block(input, weights, { name: `down.${level}`, training });
    },
    up: ({ below, skip }, { level, training }) => {
      const name = deepest - 1 - level;
      const up = transposedConv(below, weights, `upconv.${name}`);
      return block(tf.concat([skip, up], 3), weights, { name: `up.${name}`, training });
    },
  });
}

function addBlock(
  weights: Weights,
  name: string,
  { from, to, seed }: { from: number; to: number; seed: number },
): void {
  addConv(weights, `${name}.0`, { kernel: 3, from, to, bias: false, seed });
  addBatchNorm(weights, `${name}.1`, to);
  addConv(weights, `${name}.3`, { kernel: 3, from: to, to, bias: false, seed });
  addBatchNorm(weights, `${name}.4`, to);
}

/** conv → batch norm → ReLU, twice; PyTorch counts the ReLUs too, hence 0, 1, 3, 4. */
function block(
  x: tf.Tensor4D,
  weights: Weights,
  { name, training }: ForwardOptions & { name: string },
): tf.Tensor4D {
  const half = batchNormRelu(conv(x, weights, `${name}.0`), weights, {
    name: `${name}.1`,
    training,
  });
  return batchNormRelu(conv(half, weights, `${name}.3`), weights, { name: `${name}.4`, training });
}
