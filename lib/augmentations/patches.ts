/**
 * Multiscale patches: parts of the slices, enlarged to the size of a slice, that train beside them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { PretrainingSettings } from "../config/config.ts";
import { affineGrid } from "../ops/affine_grid.ts";
import { gridSample } from "../ops/grid_sample.ts";
import type { Tensor4D } from "../ops/tensors.ts";
import type { Random } from "../math/random.ts";
import { drawAffine } from "./spatial.ts";

/**
 * Adds random square patches to a batch. The side of a patch is a fraction α ~ U(scale) of the
 * slice's, measured between the centres of the border pixels; it lies anywhere inside the slice and
 * is resampled to the slice's size, bilinear.
 *
 * @param x [batch, size, size, channels].
 * @returns [batch × (1 + perSlice), size, size, channels]: x, then one patch of each slice in their
 * order, then another of each.
 */
export function withPatches(
  x: Tensor4D,
  { perSlice, scale }: PretrainingSettings["patches"],
  random: Random,
): Tensor4D {
  const [batch, height, width] = x.shape;
  const crops = { rotation: [0, 0], scale, flip: false, elastic: [] } as const;
  return tf.tidy(() => {
    const patches = Array.from({ length: perSlice }, () => {
      const theta = tf.tensor3d(drawAffine(batch, crops, random), [batch, 2, 3]);
      return gridSample(x, affineGrid(theta, [height, width]));
    });
    return tf.concat([x, ...patches], 0);
  });
}
