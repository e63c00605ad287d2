/**
 * What the method asks of an encoder–decoder: features for every pixel.
 *
 * @module
 */
import type { Tensor4D } from "../ops/tensors.ts";
import type { ForwardOptions, Network } from "./weights.ts";

/** A network from slices [batch, height, width, channels] to pixel features [batch, height, width, D]. */
export interface Backbone extends Network {
  /** D, the number of features of a pixel. */
  features: number;
  /** Height and width must be multiples of this. */
  divisor: number;
  /** Channels of the encoder's deepest features. */
  bottleneck: number;
  /**
   * The encoder alone: its deepest features, [batch, height/divisor, width/divisor, bottleneck].
   * Uses the weights that {@linkcode Network.forward} uses for them.
   */
  encode(x: Tensor4D, options: ForwardOptions): Tensor4D;
}

/** The size of a backbone. */
export interface BackboneOptions {
  /** Channels of each level from the top; one level halves the image for the next. */
  widths: readonly number[];
  /** Features of a pixel. */
  features: number;
  /** Channels of the slices; 1 by default. */
  channels?: number;
  /** Seed of the initial weights; 0 by default. */
  seed?: number;
}
