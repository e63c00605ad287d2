/**
 * What features are worth: measures of a representation, pictures of it, and whom to label first.
 *
 * @example
 * ```ts
 * import { cosineSimilarity } from "@pix2rep/pix2rep/analysis";
 * import assert from "node:assert/strict";
 *
 * const features = { values: Float32Array.of(1, 0, 0, 2), dimensions: 2 };
 * const similarity = cosineSimilarity(features, Float32Array.of(3, 0));
 * assert.deepEqual(similarity, Float32Array.of(1, 0));
 * ```
 *
 * @module
 */
export * from "./compact_features.ts";
export * from "./feature_maps.ts";
export * from "./patient_features.ts";
export * from "./pixel_features.ts";
export * from "./probe_dice.ts";
export * from "./representation_quality.ts";
export * from "./select_patients.ts";
export * from "./select_slices.ts";
export * from "./selection.ts";
