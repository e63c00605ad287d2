/**
 * Views: what pretraining and adaptation show the network, a seeded composition of an intensity
 * and a spatial transform.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { SpatialSettings, ViewSettings } from "../config/config.ts";
import { affineGrid } from "../ops/affine_grid.ts";
import { gridSample } from "../ops/grid_sample.ts";
import type { Tensor4D } from "../ops/tensors.ts";
import type { Random } from "../math/random.ts";
import { drawElastic } from "./elastic.ts";
import { intensityView } from "./intensity.ts";
import { drawAffine, insideFieldOfView, sourcePoints } from "./spatial.ts";

/** Two views of a batch, related by one spatial transform φ per slice. */
export interface Views {
  /** t(x): [batch, height, width, channels]. */
  first: Tensor4D;
  /** φ(t'(x)): [batch, height, width, channels]. */
  second: Tensor4D;
  /** The sampling grid of φ, [batch, height, width, 2], which warps the first view's features. */
  grid: Tensor4D;
  /** 1 where the second view's pixel has its source inside the slice: [batch × height × width]. */
  inside: Uint8Array;
}

/**
 * Draws the two views of a pretraining step: t and t' are independent intensity transforms, φ a
 * spatial one; the same seed gives the same views.
 *
 * @param x [batch, height, width, channels], height = width, about [0, 1].
 * @throws RangeError when the slices are not square.
 */
export function drawViews(x: Tensor4D, settings: ViewSettings, random: Random): Views {
  assertSquare(x);
  const { grid, inside } = drawTransform(x, settings.spatial, random);
  const views = tf.tidy(() => {
    const first = intensityView(x, settings.intensity, random);
    const second = gridSample(intensityView(x, settings.intensity, random), grid);
    return { first, second };
  });
  return { ...views, grid, inside: inside() };
}

/**
 * Draws one view of slices, φ(t(x)): an intensity transform t, then a spatial one φ.
 *
 * @param x [batch, height, width, channels], height = width, about [0, 1].
 * @returns the same shape.
 * @throws RangeError when the slices are not square.
 */
export function drawView(x: Tensor4D, settings: ViewSettings, random: Random): Tensor4D {
  assertSquare(x);
  return tf.tidy(() => {
    const { grid } = drawTransform(x, settings.spatial, random);
    return gridSample(intensityView(x, settings.intensity, random), grid);
  });
}

/**
 * Draws φ(x), a spatial transform alone.
 *
 * @param x [batch, height, width, channels], height = width.
 * @returns the same shape.
 * @throws RangeError when the slices are not square.
 */
export function spatialView(x: Tensor4D, settings: SpatialSettings, random: Random): Tensor4D {
  assertSquare(x);
  return tf.tidy(() => gridSample(x, drawTransform(x, settings, random).grid));
}

/** A view of labelled slices. */
export interface SupervisedView {
  /** [batch, height, width, channels]. */
  images: Tensor4D;
  /** [batch, height, width, classes], the classes of a pixel summing to 1, or to what is known. */
  labels: Tensor4D;
  /** [batch, height, width, 1], the share of a pixel that somebody labelled; all where absent. */
  known?: Tensor4D;
}

/**
 * Draws one view of labelled slices: the same spatial transform for images and labels, an intensity
 * transform for the images alone. One-hot labels become soft at the edges, which keeps partial
 * volumes; what lies outside the slice is background. A pixel is known as far as its neighbours are.
 *
 * @param images [batch, height, width, channels], height = width, about [0, 1].
 * @param labels [batch, height, width, classes], one-hot, class 0 the background; 0 where not known.
 * @throws RangeError when the slices are not square.
 */
export function supervisedView(
  { images, labels, known }: SupervisedView,
  settings: ViewSettings,
  random: Random,
): SupervisedView {
  assertSquare(images);
  return tf.tidy(() => {
    const { grid } = drawTransform(images, settings.spatial, random);
    const structures = gridSample(tf.slice(labels, [0, 0, 0, 1]), grid);
    // Of what is unknown, so that the outside is known.
    const warped: Tensor4D | undefined = known && tf.sub(1, gridSample(tf.sub(1, known), grid));
    const background: Tensor4D = tf.sub(warped ?? 1, tf.sum(structures, 3, true));
    return {
      images: gridSample(intensityView(images, settings.intensity, random), grid),
      labels: tf.concat([background, structures], 3),
      ...(warped && { known: warped }),
    };
  });
}

/**
 * Draws φ, one spatial transform per slice of x: the elastic deformation of what the affine one
 * gives, as one grid, so that everything is resampled once.
 *
 * @returns the grid, and what computes {@linkcode Views.inside}, which only pretraining asks for.
 */
function drawTransform(
  { shape: [batch, height, width] }: Tensor4D,
  settings: SpatialSettings,
  random: Random,
): { grid: Tensor4D; inside: () => Uint8Array } {
  const theta = drawAffine(batch, settings, random);
  if (settings.elastic.length === 0) {
    const grid = tf.tidy(() => affineGrid(tf.tensor3d(theta, [batch, 2, 3]), [height, width]));
    return { grid, inside: () => insideFieldOfView(sourcePoints(theta, [height, width])) };
  }
  const displacement = drawElastic([batch, width], settings.elastic, random);
  // Rounded as the device gets them, so that the mask tells of the very points that are sampled.
  const points = Float32Array.from(sourcePoints(theta, [height, width], displacement));
  const grid = tf.tensor4d(points, [batch, height, width, 2]);
  return { grid, inside: () => insideFieldOfView(points) };
}

function assertSquare({ shape: [, height, width] }: Tensor4D): void {
  if (height !== width) {
    throw new RangeError(
      `views: expected square slices, found ${height} × ${width}; crop or pad them first`,
    );
  }
}
