/**
 * The step that the benchmark measures: one of Pix2Rep's pretraining, as in a PyTorch peer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { projectionHead } from "../../../lib/backbones/heads.ts";
import { sequence } from "../../../lib/backbones/sequence.ts";
import { unet } from "../../../lib/backbones/unet.ts";
import { infoNce } from "../../../lib/losses/info_nce.ts";
import { samplePixels } from "../../../lib/losses/sample_pixels.ts";
import { affineGrid } from "../../../lib/ops/affine_grid.ts";
import { gatherRows } from "../../../lib/ops/gather_rows.ts";
import { gridSample } from "../../../lib/ops/grid_sample.ts";
import { type Random, random } from "../../../lib/math/random.ts";
import { adamState, adamStep, valueAndGradients } from "../../../lib/training/optimiser.ts";

/** The size of a step. */
export interface BenchSize {
  /** Height and width of a slice. */
  size: number;
  /** Slices; a step sees two views of each. */
  batch: number;
  /** Channels of the U-Net's levels. */
  widths: readonly number[];
  /** Features of a pixel. */
  features: number;
  /** Channels of the projection head. */
  width: number;
}

/** The sizes that are compared; L is the published one, for a GPU. */
export const BENCH_SIZES: Record<string, BenchSize> = {
  S: { size: 64, batch: 16, widths: [16, 32, 64, 128], features: 64, width: 64 },
  M: { size: 128, batch: 8, widths: [16, 32, 64, 128, 256], features: 64, width: 64 },
  L: { size: 128, batch: 8, widths: [64, 128, 256, 512, 1024, 2048], features: 1024, width: 256 },
};

/** What comes first: the head on every pixel, or the choice of the pixels that the loss compares. */
export const BENCH_ORDERS = ["project-all", "sample-first"] as const;

/** One of {@linkcode BENCH_ORDERS}. */
export type BenchOrder = typeof BENCH_ORDERS[number];

/** Pixels that the loss compares. */
const PIXELS = 1000;

/**
 * Prepares a step: the warp of the second view, the U-Net on both, the head, the warp of the first
 * view's features, NT-Xent over sampled pixels, the gradients, Adam, the loss read.
 *
 * @returns takes one step and gives its loss.
 */
export function benchStep(
  { size, batch, widths, features, width }: BenchSize,
  order: BenchOrder,
): () => Promise<number> {
  const backbone = unet({ widths, features });
  const head = projectionHead({ depth: 2, from: features, width });
  const network = sequence({ backbone, head });
  const state = { weights: network.weights, adam: adamState(network.weights) };
  const source = random("bench");
  const x = tf.tensor4d(normal(batch * size * size, source), [batch, size, size, 1]);
  const training = { training: true };

  function loss(): tf.Scalar {
    const grid = affineGrid(drawTransforms(batch, source), [size, size]);
    const views = [x, gridSample(x, grid)];
    const { indices } = samplePixels(PIXELS, batch * size * size, source);
    const sample = (z: tf.Tensor4D) => gatherRows(rows(z), tf.tensor1d(indices, "int32"));
    const forward = order === "project-all" ? network.forward : backbone.forward;
    const [first, second] = views.map((view) => forward(view, training));
    const sampled = [sample(gridSample(first, grid)), sample(second)];
    const [u, v] = order === "project-all" ? sampled : projectBoth(sampled);
    return infoNce(u, v, { temperature: 0.53 });
  }

  function projectBoth(sampled: tf.Tensor2D[]): tf.Tensor2D[] {
    const pixels = tf.reshape(tf.concat(sampled), [1, 2 * PIXELS, 1, features]) as tf.Tensor4D;
    return tf.split(rows(head.forward(pixels, training)), 2);
  }

  return async () => {
    const { value, gradients } = valueAndGradients(network.weights, () => tf.tidy(loss));
    adamStep(state, gradients, { learningRate: () => 4.7e-4 });
    const [read] = await value.data();
    tf.dispose([value, gradients]);
    return read;
  };
}

/** [batch, 2, 3]: the identity with normal noise of 0.1. */
function drawTransforms(batch: number, source: Random): tf.Tensor3D {
  const identity = [1, 0, 0, 0, 1, 0];
  const values = Array.from(
    { length: 6 * batch },
    (_, i) => identity[i % 6] + 0.1 * source.normal(),
  );
  return tf.tensor3d(values, [batch, 2, 3]);
}

function normal(length: number, source: Random): Float32Array {
  return Float32Array.from({ length }, () => source.normal());
}

/** All pixels: [pixels, channels]. */
function rows(z: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(z, [-1, z.shape[3]]);
}
