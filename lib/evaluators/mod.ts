/**
 * Evaluation in 3D: overlap, surface distance, their averages.
 *
 * @module
 */
export * from "./descriptive.ts";
export * from "./distance_transform.ts";
export * from "./ejection_fraction.ts";
export * from "./evaluate.ts";
export * from "./in_context.ts";
export * from "./largest_component.ts";
export * from "./metrics.ts";
export * from "./predict.ts";
export * from "./segmentation.ts";
export * from "./summary.ts";
