/**
 * The losses of pretraining and of adaptation, and the pixels they compare.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { barlowTwins } from "@pix2rep/pix2rep/losses";
 * import assert from "node:assert/strict";
 *
 * // Two views whose features agree, and whose channels say different things, cost nothing.
 * const u = tf.tensor2d([[1, 1], [1, -1], [-1, 1], [-1, -1]]);
 * const [loss] = await barlowTwins(u, u, { lambda: 0.005 }).data();
 * assert.ok(loss < 1e-6);
 * ```
 *
 * @module
 */
export * from "./barlow_twins.ts";
export * from "./consistency.ts";
export * from "./info_nce.ts";
export * from "./sample_pixels.ts";
export * from "./segmentation.ts";
