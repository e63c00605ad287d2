/**
 * Pretraining and adaptation, optimisers, schedules, weights in and out.
 *
 * @example
 * ```ts
 * import { useBackend } from "@pix2rep/pix2rep/backends";
 * import { resolveConfig } from "@pix2rep/pix2rep/config";
 * import { pretrain } from "@pix2rep/pix2rep/training";
 * import assert from "node:assert/strict";
 *
 * await useBackend("simd");
 * const set = ["grid.size=16", "backbone.widths=[4,8]", "pretraining.batch=2", "loss.pixels=50"];
 * const config = resolveConfig("pix2rep-small", { set });
 * const images = new Float32Array(4 * 16 * 16).map(Math.random);
 * const slices = { count: 4, size: 16, channels: 1, images };
 * const { tensors } = await pretrain(slices, config, { steps: 1 });
 * assert.ok("backbone.down.0.0.weight" in tensors);
 * ```
 *
 * @module
 */
export * from "./adapt.ts";
export { forecastPretraining, type PretrainingForecast } from "./forecast.ts";
export type { LoopHooks, StepRecord } from "./loop.ts";
export * from "./optimiser.ts";
export type { AdaptationFunctions, PretrainingFunctions, TrainingBatch } from "./own_functions.ts";
export { pretrain, pretrainingSteps, type PretrainOptions } from "./pretrain.ts";
export type { Probe, QualityOptions, QualityRecord } from "./quality.ts";
export * from "./weights/pretrained_backbone.ts";
export * from "./weights/safetensors.ts";
export * from "./schedule.ts";
export * from "./weights/segmentation_model.ts";
export type { Adaptation } from "./strategies/adaptation.ts";
export { moveAverage, teacherShare } from "./strategies/teacher.ts";
export type {
  AdaptationNumber,
  NumberPath,
  SearchedSetting,
  SearchSpace,
} from "./strategies/search_space.ts";
export * from "./strategies/strategy.ts";
export * from "./strategies/table.ts";
export { type Validation, validationInterval, type ValidationRecord } from "./validation.ts";
export * from "./weights/weight_tensors.ts";
