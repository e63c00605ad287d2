/**
 * Evaluation in 3D: overlap, surface distance, their averages.
 *
 * @example
 * ```ts
 * import { compareMasks } from "@pix2rep/pix2rep/evaluators";
 * import assert from "node:assert/strict";
 *
 * const grid = { shape: [4, 1, 1], spacing: [1.5, 1.5, 8] } as const;
 * const { dice } = compareMasks(Uint8Array.of(0, 1, 1, 0), Uint8Array.of(0, 1, 1, 1), grid);
 * assert.equal(dice, 0.8);
 * ```
 *
 * @module
 */
export * from "./cleaning_trial.ts";
export * from "./ejection_fraction.ts";
export * from "./evaluate.ts";
export * from "./metrics.ts";
export * from "./read_metrics.ts";
export * from "./segmentation.ts";
export * from "./summary.ts";
export * from "./surface_dice.ts";
