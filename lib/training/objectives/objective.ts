/**
 * What pretraining needs to know of its objective.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Views } from "../../augmentations/views.ts";
import type { Backbone } from "../../backbones/backbone.ts";
import type { Network } from "../../backbones/weights.ts";
import type { ViewSettings } from "../../config/config.ts";
import type { Random } from "../../math/random.ts";
import type { PretrainingFunctions } from "../own_functions.ts";

/** What is trained, and by which measure. */
export interface Objective {
  /** The backbone that pretraining is for; part of the network. */
  backbone: Backbone;
  /** What a checkpoint keeps: weights `backbone.…` and `projection.…`. */
  network: Network;
  /** The loss of a batch [batch, size, size, channels], whose views are drawn from `random`. */
  loss: (x: tf.Tensor4D, random: Random, onViews?: OnViews) => tf.Scalar;
}

/** Sees the views that a loss compares. */
export type OnViews = (views: Pick<Views, "first" | "second">) => void;

/** What a loss is computed with; the functions are the objective's own by default. */
export interface LossOptions<Drawn = Views> {
  /** The distribution of the views. */
  views: ViewSettings;
  /** What they, and the pixels, are drawn from. */
  random: Random;
  /** Sees the views. */
  onViews?: OnViews;
  /** Draws the views. */
  augment?: (x: tf.Tensor4D, settings: ViewSettings, random: Random) => Drawn;
  /** Compares their vectors. */
  compare?: PretrainingFunctions["loss"];
}
