/**
 * Networks from slices to pixel features, and the heads that stand on them.
 *
 * @module
 */
export type { Backbone } from "./backbone.ts";
export * from "./heads.ts";
export * from "./sequence.ts";
export * from "./unet.ts";
export * from "./weights.ts";
