/**
 * U-Net (Ronneberger, Fischer & Brox, MICCAI 2015) with batch norm, as Pix2Rep uses it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Backbone } from "./backbone.ts";
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

/** The size of a U-Net. */
export interface UNetOptions {
  /** Channels of each level from the top; one level halves the image for the next. */
  widths: readonly number[];
  /** Channels of the last block: the features of a pixel. */
  features: number;
  /** Seed of the initial weights; 0 by default. */
  seed?: number;
}

/**
 * Makes a U-Net: two 3×3 convolutions with batch norm and ReLU per level, max-pooling down,
 * 2×2 transposed convolutions up, skips concatenated before what comes from below.
 *
 * @throws {RangeError} for fewer than two widths, or widths that cannot be halved.
 */
export function unet({ widths, features, seed = 0 }: UNetOptions): Backbone {
  if (widths.length < 2 || widths.slice(1).some((width) => width % 2 !== 0)) {
    throw new RangeError(
      `unet: expected two or more widths, even from the second on, found [${widths}]`,
    );
  }
  const weights: Weights = {};
  const deepest = widths.length - 1;
  widths.forEach((width, level) =>
    addBlock(weights, `down.${level}`, { from: level ? widths[level - 1] : 1, to: width, seed })
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
  const divisor = 2 ** deepest;
  /** The features of every level on the way down, from the top. */
  const descend = (x: tf.Tensor4D, options: ForwardOptions): tf.Tensor4D[] => {
    const [, height, width] = x.shape;
    if (height % divisor || width % divisor) {
      throw new RangeError(
        `unet: ${widths.length} levels need sizes that are multiples of ${divisor}, ` +
          `found ${height}×${width}`,
      );
    }
    const levels: tf.Tensor4D[] = [];
    for (let level = 0; level <= deepest; level++) {
      x = level ? tf.maxPool(levels[level - 1], 2, 2, "valid") : x;
      levels.push(block(x, weights, { ...options, name: `down.${level}` }));
    }
    return levels;
  };
  const encode = (x: tf.Tensor4D, options: ForwardOptions) =>
    tf.tidy(() => descend(x, options)[deepest]);
  const forward = (x: tf.Tensor4D, options: ForwardOptions) =>
    tf.tidy(() => {
      const levels = descend(x, options);
      return levels.slice(0, -1).reduceRight((below, skip, level) => {
        const name = deepest - 1 - level;
        const up = transposedConv(below, weights, `upconv.${name}`);
        return block(tf.concat([skip, up], 3), weights, { ...options, name: `up.${name}` });
      }, levels[deepest]);
    });
  return { weights, features, divisor, bottleneck: widths[deepest], encode, forward };
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
