/**
 * The shape that the backbones share: levels down, and up again past the same levels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { backboneDivisor } from "../config/backbone.ts";
import type { Tensor4D } from "../ops/tensors.ts";
import type { Backbone } from "./backbone.ts";
import type { ForwardOptions, Weights } from "./weights.ts";

/** How a level runs: its number, 0 at the top, beside how the network does. */
export interface LevelOptions extends ForwardOptions {
  /** 0 is the level of full size; each next one has half the height and width. */
  level: number;
}

/** What sets one encoder–decoder apart from another. */
export interface UShapeParts {
  /** Its kind, for errors. */
  name: string;
  /** Its tensors. */
  weights: Weights;
  /** Channels of each level from the top. */
  widths: readonly number[];
  /** Features of a pixel. */
  features: number;
  /** Channels of the slices. */
  channels: number;
  /** The encoder's features of a level, from those of the level above; at level 0 from slices. */
  down(x: Tensor4D, options: LevelOptions): Tensor4D;
  /** The decoder's features of a level, from those of the level below and the encoder's here. */
  up(from: { below: Tensor4D; skip: Tensor4D }, options: LevelOptions): Tensor4D;
}

const counted = (channels: number) => channels === 1 ? "1 channel" : `${channels} channels`;

/** Makes a backbone: `down` through all levels, then `up` from the last but one to level 0. */
export function uShape(
  { name, weights, widths, features, channels, down, up }: UShapeParts,
): Backbone {
  const divisor = backboneDivisor(widths);
  const encodeLevels = (x: Tensor4D, options: ForwardOptions): Tensor4D[] => {
    const [, height, width, found] = x.shape;
    if (found !== channels) {
      throw new RangeError(
        `${name}: expected slices of ${counted(channels)}, found ${counted(found)}: give the ` +
          "network those that it was made for",
      );
    }
    if (height % divisor || width % divisor) {
      throw new RangeError(
        `${name}: ${widths.length} levels need sizes that are multiples of ${divisor}, ` +
          `found ${height}×${width}`,
      );
    }
    const levels: Tensor4D[] = [];
    for (let level = 0; level < widths.length; level++) {
      levels.push(down(levels.at(-1) ?? x, { ...options, level }));
    }
    return levels;
  };
  return {
    weights,
    features,
    divisor,
    bottleneck: widths[widths.length - 1],
    encode: (x, options) => tf.tidy(() => encodeLevels(x, options).at(-1)!),
    forward: (x, options) =>
      tf.tidy(() => {
        const levels = encodeLevels(x, options);
        return levels.slice(0, -1).reduceRight(
          (below, skip, level) => up({ below, skip }, { ...options, level }),
          levels.at(-1)!,
        );
      }),
  };
}
