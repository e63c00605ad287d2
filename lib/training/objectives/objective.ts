/**
 * What pretraining needs to know of its objective.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Backbone } from "../../backbones/backbone.ts";
import type { Network } from "../../backbones/weights.ts";
import type { Random } from "../../math/random.ts";

/** What is trained, and by which measure. */
export interface Objective {
  /** The backbone that pretraining is for; part of the network. */
  backbone: Backbone;
  /** What a checkpoint keeps: weights `backbone.…` and `projection.…`. */
  network: Network;
  /** The loss of a batch [batch, size, size, channels], whose views are drawn from `random`. */
  loss: (x: tf.Tensor4D, random: Random) => tf.Scalar;
}
