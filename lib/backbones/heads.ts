/**
 * What stands on the pixel features: a projection for pretraining, classes for segmentation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  addBatchNorm,
  addConv,
  batchNormRelu,
  conv,
  type ForwardOptions,
  type Network,
  type Weights,
} from "./weights.ts";

/** The size of a projection head. */
export interface ProjectionHeadOptions {
  /** Number of 1×1 convolutions, 0 to 3; 0 passes the features on. */
  depth: number;
  /** Channels in: the backbone's features. */
  from: number;
  /** Channels of every layer and of the projection. */
  width: number;
  /** Seed of the initial weights; 0 by default. */
  seed?: number;
}

/**
 * Makes a projection head: 1×1 convolutions with batch norm and ReLU between them. The published
 * head has depth 2 and width 256.
 *
 * @throws {RangeError} for a depth outside 0 to 3.
 */
export function projectionHead({ depth, from, width, seed = 0 }: ProjectionHeadOptions): Network {
  if (![0, 1, 2, 3].includes(depth)) {
    throw new RangeError(`projectionHead: expected a depth of 0 to 3, found ${depth}`);
  }
  const weights: Weights = {};
  for (let layer = 0; layer < depth; layer++) {
    const channels = layer ? width : from;
    addConv(weights, `${3 * layer}`, { kernel: 1, from: channels, to: width, bias: true, seed });
    if (layer < depth - 1) addBatchNorm(weights, `${3 * layer + 1}`, width);
  }
  const forward = (x: tf.Tensor4D, { training }: ForwardOptions) =>
    tf.tidy(() => {
      for (let layer = 0; layer < depth; layer++) {
        x = conv(x, weights, `${3 * layer}`);
        if (layer < depth - 1) {
          x = batchNormRelu(x, weights, { name: `${3 * layer + 1}`, training });
        }
      }
      return tf.clone(x);
    });
  return { weights, forward };
}

/** The size of a segmentation head. */
export interface SegmentationHeadOptions {
  /** Channels in: the backbone's features. */
  from: number;
  /** Classes out, the background included. */
  classes: number;
  /** Seed of the initial weights; 0 by default. */
  seed?: number;
}

/** Makes a linear segmentation head: one 1×1 convolution from features to class logits. */
export function segmentationHead({ from, classes, seed = 0 }: SegmentationHeadOptions): Network {
  const weights: Weights = {};
  addConv(weights, "0", { kernel: 1, from, to: classes, bias: true, seed });
  return { weights, forward: (x) => tf.tidy(() => conv(x, weights, "0")) };
}
