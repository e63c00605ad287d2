/**
 * Networks from slices to pixel features, and the heads that stand on them.
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
