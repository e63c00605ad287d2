/**
 * The losses of pretraining and of adaptation, and the pixels they compare.
 *
 * @module
 */
export * from "./barlow_twins.ts";
export * from "./consistency.ts";
export * from "./info_nce.ts";
export * from "./sample_pixels.ts";
export * from "./segmentation.ts";
