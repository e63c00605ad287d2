/**
 * Sampling grids of affine transforms.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Tensor3D, Tensor4D } from "./tensors.ts";

/**
 * Where each output pixel samples the input: grid = θ · (x, y, 1), with x and y from −1 (centre of
 * the first pixel) to 1 (centre of the last), as PyTorch's `affine_grid` with `align_corners`.
 *
 * @param theta [batch, 2, 3], one 2×3 matrix per slice.
 * @param size [height, width] of the output.
 * @returns [batch, height, width, 2], the last axis (x, y).
 */
export function affineGrid(
  theta: Tensor3D,
  [height, width]: readonly [number, number],
): Tensor4D {
  return tf.tidy(() => {
    const batch = theta.shape[0];
    const base = tf.tensor2d(baseCoordinates(height, width), [height * width, 3]);
    const rows = tf.transpose(tf.reshape(theta, [batch * 2, 3]));
    const grid = tf.reshape(tf.matMul(base, rows), [height * width, batch, 2]);
    return tf.reshape(tf.transpose(grid, [1, 0, 2]), [batch, height, width, 2]);
  });
}

/** (x, y, 1) of each pixel, row by row. */
function baseCoordinates(height: number, width: number): Float32Array {
  const centre = (i: number, n: number) => n === 1 ? 0 : 2 * i / (n - 1) - 1;
  const coordinates = new Float32Array(height * width * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      coordinates.set([centre(x, width), centre(y, height), 1], at);
    }
  }
  return coordinates;
}
