/**
 * What the method asks of an encoder–decoder: features for every pixel.
 *
 * @module
 */
import type { Network } from "./weights.ts";

/** A network from slices [batch, height, width, 1] to pixel features [batch, height, width, D]. */
export interface Backbone extends Network {
  /** D, the number of features of a pixel. */
  features: number;
  /** Height and width must be multiples of this. */
  divisor: number;
}
