/**
 * In-context segmentation: no training, each pixel takes the class of the labelled pixels whose
 * features are nearest.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network, Weights } from "../backbones/weights.ts";
import { IGNORED } from "../data/masks/labels.ts";
import { type SliceStack, takeSlices } from "../data/slices/slices.ts";
import { gatherRows } from "../ops/gather_rows.ts";
import { nearestVote, type NearestVoteOptions } from "../ops/nearest_vote.ts";
import { normaliseRows } from "../ops/norms/normalise_rows.ts";
import { random } from "../math/random.ts";

/** Slices that pass the backbone together. */
const BATCH = 16;

/** Keeps the logarithm of a class without a vote finite. */
const LEAST_SHARE = 1e-7;

/** Options of {@linkcode rememberPixels}. */
export interface RememberPixelsOptions {
  /** Most pixels of a slice that are remembered. */
  pixelsPerSlice: number;
  /** Seed of their choice. */
  seed: number;
}

/**
 * Remembers labelled pixels by the features of a backbone in evaluation mode. Of each slice at most
 * `pixelsPerSlice` random pixels are kept; structures, which are small, take up to half of them, and
 * the background the rest. Pixels that nobody labelled are not remembered.
 *
 * @returns weights for {@linkcode memoryHead}: `features` [n, D] of length 1, and `labels` [n].
 * @throws {TypeError} if the slices have no labels.
 */
export function rememberPixels(
  backbone: Network,
  slices: SliceStack,
  options: RememberPixelsOptions,
): Weights {
  const { count, size, channels, labels } = slices;
  if (!labels) throw new TypeError("expected labelled slices, found slices without labels");
  const pixels = size * size;
  const chosen = Array.from(
    { length: count },
    (_, slice) =>
      choosePixels(labels.subarray(slice * pixels, (slice + 1) * pixels), slice, options),
  );
  const values = chosen.flatMap((places, slice) =>
    places.map((place) => labels[slice * pixels + place])
  );
  return tf.tidy(() => {
    const parts: tf.Tensor2D[] = [];
    for (let first = 0; first < count; first += BATCH) {
      const places = chosen.slice(first, first + BATCH);
      const positions = places.map((_, i) => first + i);
      const rows = places.flatMap((inSlice, i) => inSlice.map((place) => i * pixels + place));
      parts.push(tf.tidy(() => {
        const { images } = takeSlices(slices, positions);
        const x = tf.tensor4d(images, [positions.length, size, size, channels]);
        const features = featureRows(backbone.forward(x, { training: false }));
        return normaliseRows(gatherRows(features, tf.tensor1d(rows, "int32")));
      }));
    }
    return {
      features: tf.variable(tf.concat(parts), false),
      labels: tf.variable(tf.tensor1d(values, "float32"), false),
    };
  });
}

/** Places for the weights of a memory of `count` pixels with D features, to be filled. */
export function memoryWeights(count: number, features: number): Weights {
  return {
    features: tf.tidy(() => tf.variable(tf.zeros([count, features]), false)),
    labels: tf.tidy(() => tf.variable(tf.zeros([count]), false)),
  };
}

/**
 * A head that lets the k nearest pixels of a memory vote by cosine, weighted by their cosines.
 *
 * @param weights As {@linkcode rememberPixels} makes them.
 * @returns a network from pixel features [batch, height, width, D] to logits, the logarithms of the
 * classes' shares in the vote: their softmax is these shares.
 */
export function memoryHead(weights: Weights, options: NearestVoteOptions): Network {
  const memory = {
    features: weights.features as tf.Tensor as tf.Tensor2D,
    labels: weights.labels as tf.Tensor as tf.Tensor1D,
  };
  return {
    weights,
    forward: (x) =>
      tf.tidy(() => {
        const [batch, height, width] = x.shape;
        const shares = nearestVote(normaliseRows(featureRows(x)), memory, options);
        const logits = tf.log(tf.maximum(shares, LEAST_SHARE));
        return tf.reshape(logits, [batch, height, width, options.classes]);
      }),
  };
}

/** The pixels of a slice to remember: places in its rows, one after another. */
function choosePixels(
  labels: Uint8Array,
  slice: number,
  { pixelsPerSlice, seed }: RememberPixelsOptions,
): number[] {
  const source = random(seed, "memory", slice);
  const known = [...labels.keys()].filter((place) => labels[place] !== IGNORED);
  const places = (structure: boolean) =>
    source.shuffle(known.filter((place) => (labels[place] > 0) === structure));
  const structures = places(true).slice(0, Math.floor(pixelsPerSlice / 2));
  return [...structures, ...places(false).slice(0, pixelsPerSlice - structures.length)];
}

/** All pixels of the batch: [pixels, channels]. */
function featureRows(x: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape[3]]);
}
