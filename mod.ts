/**
 * Pix2Rep: dense self-supervised pretraining for few-shot medical segmentation.
 *
 * @module
 */
export * from "./lib/augmentations/mod.ts";
export * from "./lib/backbones/mod.ts";
export * from "./lib/backends/mod.ts";
export * from "./lib/config/mod.ts";
export * from "./lib/data/mod.ts";
export * from "./lib/evaluators/mod.ts";
export * from "./lib/experiments/mod.ts";
export * from "./lib/losses/mod.ts";
export * from "./lib/ops/mod.ts";
export * from "./lib/reports/mod.ts";
export * from "./lib/training/mod.ts";
export { type Random, random } from "./lib/random.ts";
