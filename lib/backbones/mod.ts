/**
 * Networks from slices to pixel features, and the heads that stand on them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { createBackbone } from "@pix2rep/pix2rep/backbones";
 * import assert from "node:assert/strict";
 *
 * const backbone = createBackbone({ name: "unet", widths: [4, 8], features: 16 }, { seed: 0 });
 * const features = backbone.forward(tf.zeros([1, 32, 32, 1]), { training: false });
 * assert.deepEqual(features.shape, [1, 32, 32, 16]);
 * ```
 *
 * @module
 */
export type { Backbone, BackboneOptions } from "./backbone.ts";
export * from "./convnext_unet.ts";
export * from "./create_backbone.ts";
export * from "./heads.ts";
export * from "./norms.ts";
export * from "./residual_unet.ts";
export * from "./sequence.ts";
export * from "./u_shape.ts";
export * from "./unet.ts";
export * from "./weights.ts";
