/**
 * Objectives over whole slices, for comparison: SimCLR (Chen et al., ICML 2020) and BT-UNet (Punn &
 * Agarwal, Machine Learning, 2022). They train the encoder alone. The decoder stands in the
 * checkpoint with its random initial weights, so that adaptation finds every weight by the same
 * names as after a pretraining over pixels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawView, type Views } from "../../augmentations/views.ts";
import { createBackbone } from "../../backbones/create_backbone.ts";
import { projectionHead } from "../../backbones/heads.ts";
import { sequence } from "../../backbones/sequence.ts";
import type { Network } from "../../backbones/weights.ts";
import type { Config, ImageLoss, ViewSettings } from "../../config/config.ts";
import type { Random } from "../../math/random.ts";
import type { PretrainingFunctions } from "../own_functions.ts";
import { comparisonOf } from "./comparison.ts";
import type { LossOptions, Objective } from "./objective.ts";

/**
 * Encoder, global average pooling and projection head, trained on two views of whole slices.
 *
 * @param channels Of the slices; 1 by default.
 * @param own Functions of the caller's own, in the place of these here.
 */
export function imageLevel(
  config: Config,
  loss: ImageLoss,
  channels = 1,
  own: PretrainingFunctions = {},
): Objective {
  const { projection, views, seed } = config;
  const backbone = createBackbone(config.backbone, { channels, seed });
  const pooledEncoder: Network = {
    weights: backbone.weights,
    forward: (x, options) => tf.tidy(() => tf.mean(backbone.encode(x, options), [1, 2], true)),
  };
  const head = projectionHead({ ...projection, from: backbone.bottleneck, seed });
  const network = sequence({ backbone: pooledEncoder, projection: head });
  return {
    backbone,
    network,
    loss: (x, random, onViews) =>
      imageLoss(network, x, {
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
 * The loss of a batch: the projections of two independent views of each slice, compared slice by
 * slice. For NT-Xent the other slices of the batch are the negatives.
 *
 * @param network From slices to one projection each: [batch, 1, 1, d].
 * @param x [batch, size, size, channels].
 */
export function imageLoss(
  network: Network,
  x: tf.Tensor4D,
  { views, loss, random, onViews, augment = independentViews, compare = comparisonOf(loss) }:
    & LossOptions<Pick<Views, "first" | "second">>
    & { loss: ImageLoss },
): tf.Scalar {
  return tf.tidy(() => {
    const { first, second } = augment(x, views, random);
    onViews?.({ first, second });
    const project = (view: tf.Tensor4D): tf.Tensor2D => {
      const z = network.forward(view, { training: true });
      return tf.reshape(z, [z.shape[0], z.shape[3]]);
    };
    return compare(project(first), project(second));
  });
}

/** Two views of each slice that no transform relates. */
function independentViews(
  x: tf.Tensor4D,
  settings: ViewSettings,
  random: Random,
): Pick<Views, "first" | "second"> {
  return { first: drawView(x, settings, random), second: drawView(x, settings, random) };
}
