/**
 * What the method asks of an encoder–decoder: features for every pixel.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { ForwardOptions, Network } from "./weights.ts";

/** A network from slices [batch, height, width, 1] to pixel features [batch, height, width, D]. */
export interface Backbone extends Network {
  /** D, the number of features of a pixel. */
  features: number;
  /** Height and width must be multiples of this. */
  divisor: number;
  /** The number of channels of the encoder's deepest features. */
  bottleneck: number;
  /** The deepest features: [batch, height / divisor, width / divisor, bottleneck]. */
  encode(x: tf.Tensor4D, options: ForwardOptions): tf.Tensor4D;
}
