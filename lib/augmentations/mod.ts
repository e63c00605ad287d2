/**
 * Seeded augmentations of batches of slices: intensity, space (affine, elastic), the views made of
 * both, multiscale patches and CutMix.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { invert } from "@pix2rep/pix2rep/augmentations";
 * import assert from "node:assert/strict";
 *
 * const slices = tf.tensor4d([0.25, 0.25], [2, 1, 1, 1]);
 * assert.deepEqual([...await invert(slices, [true, false]).data()], [0.75, 0.25]);
 * ```
 *
 * @module
 */
export * from "./cut_mix.ts";
export * from "./elastic.ts";
export * from "./intensity.ts";
export * from "./patches.ts";
export * from "./spatial.ts";
export * from "./views.ts";
