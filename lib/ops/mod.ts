/**
 * The differentiable operations that tfjs lacks.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { affineGrid, gridSample } from "@pix2rep/pix2rep/ops";
 * import assert from "node:assert/strict";
 *
 * // A slice of 2 × 2 pixels, mirrored from left to right.
 * const slice = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * const mirror = tf.tensor3d([[[-1, 0, 0], [0, 1, 0]]]);
 * const warped = gridSample(slice, affineGrid(mirror, [2, 2]));
 * assert.deepEqual([...await warped.data()], [2, 1, 4, 3]);
 * ```
 *
 * @module
 */
export * from "./adam.ts";
export * from "./affine_grid.ts";
export * from "./norms/batch_norm.ts";
export * from "./conv_transpose.ts";
export * from "./gather_rows.ts";
export * from "./gelu.ts";
export * from "./grid_sample.ts";
export * from "./norms/group_norm.ts";
export * from "./norms/layer_norm.ts";
export * from "./leaky_relu.ts";
export * from "./mix.ts";
export * from "./nearest_vote.ts";
export * from "./norms/normalise_rows.ts";
export * from "./similarity.ts";
export type * from "./tensors.ts";
