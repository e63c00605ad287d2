/**
 * Pix2Rep's own objective: pixel features that follow a slice's transforms (equivariance) and
 * ignore its intensities (invariance).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawViews } from "../../augmentations/views.ts";
import { createBackbone } from "../../backbones/create_backbone.ts";
import { projectionHead } from "../../backbones/heads.ts";
import { sequence } from "../../backbones/sequence.ts";
import type { Network } from "../../backbones/weights.ts";
import type { Config, PixelLoss } from "../../config/config.ts";
import { samplePixels } from "../../losses/sample_pixels.ts";
import { gatherRows } from "../../ops/gather_rows.ts";
import { gridSample } from "../../ops/grid_sample.ts";
import type { PretrainingFunctions } from "../own_functions.ts";
import { comparisonOf } from "./comparison.ts";
import type { LossOptions, Objective } from "./objective.ts";

/**
 * Backbone and projection head, trained on the pixels of two views.
 *
 * @param channels Of the slices; 1 by default.
 * @param own Functions of the caller's own, in the place of these here.
 */
export function pixelLevel(
  config: Config,
  loss: PixelLoss,
  channels = 1,
  own: PretrainingFunctions = {},
): Objective {
  const { projection, views, seed } = config;
  const backbone = createBackbone(config.backbone, { channels, seed });
  const head = projectionHead({ ...projection, from: backbone.features, seed });
  const network = sequence({ backbone, projection: head });
  return {
    backbone,
    network,
    loss: (x, random, onViews) =>
      pixelLoss(network, x, {
        views,
        loss,
        random,
        onViews,
        augment: own.augment,
        compare: own.loss,
      }),
  };
}

/**
 * The loss of a batch: v = t(x) and v' = φ(t'(x)), the projections of v warped by φ, and both
 * compared pixel by pixel. The first view's features are warped, not the second's: equivariance.
 *
 * @param network From slices to the projections of their pixels.
 * @param x [batch, size, size, channels].
 */
export function pixelLoss(
  network: Network,
  x: tf.Tensor4D,
  { views, loss, random, onViews, augment = drawViews, compare = comparisonOf(loss) }:
    & LossOptions
    & { loss: PixelLoss },
): tf.Scalar {
  return tf.tidy(() => {
    const { first, second, grid, inside } = augment(x, views, random);
    onViews?.({ first, second });
    const z1 = rows(gridSample(network.forward(first, { training: true }), grid));
    const z2 = rows(network.forward(second, { training: true }));
    const masked = loss.fieldOfView === "mask";
    if (loss.pixels === "all") {
      return compare(z1, z2, masked ? tf.tensor1d(Float32Array.from(inside)) : undefined);
    }
    const sample = samplePixels(loss.pixels, masked ? inside : inside.length, random);
    const indices = tf.tensor1d(sample.indices, "int32");
    return compare(gatherRows(z1, indices), gatherRows(z2, indices), tf.tensor1d(sample.mask));
  });
}

/** All pixels of the batch: [pixels, channels]. */
function rows(z: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(z, [-1, z.shape[3]]);
}
