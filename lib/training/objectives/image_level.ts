/**
 * Objectives over whole slices, for comparison: SimCLR (Chen et al., ICML 2020) and BT-UNet (Punn &
 * Agarwal, Machine Learning, 2022). They train the encoder alone. The decoder stands in the
 * checkpoint with its random initial weights, so that adaptation finds every weight by the same
 * names as after a pretraining over pixels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawView } from "../../augmentations/views.ts";
import { createBackbone } from "../../backbones/create_backbone.ts";
import { projectionHead } from "../../backbones/heads.ts";
import { sequence } from "../../backbones/sequence.ts";
import type { Network } from "../../backbones/weights.ts";
import type { Config, ImageLoss, ViewSettings } from "../../config/config.ts";
import type { Random } from "../../math/random.ts";
import { comparisonOf } from "./comparison.ts";
import type { Objective } from "./objective.ts";

/**
 * Encoder, global average pooling and projection head, trained on two views of whole slices.
 *
 * @param channels Of the slices; 1 by default.
 */
export function imageLevel(config: Config, loss: ImageLoss, channels = 1): Objective {
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
    loss: (x, random) => imageLoss(network, x, { views, loss, random }),
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
  { views, loss, random }: { views: ViewSettings; loss: ImageLoss; random: Random },
): tf.Scalar {
  return tf.tidy(() => {
    const project = (): tf.Tensor2D => {
      const z = network.forward(drawView(x, views, random), { training: true });
      return tf.reshape(z, [z.shape[0], z.shape[3]]);
    };
    return comparisonOf(loss)(project(), project());
  });
}
