/**
 * Statistics and the linear algebra of features.
 *
 * @example
 * ```ts
 * import { percentile } from "@pix2rep/pix2rep/math";
 * import assert from "node:assert/strict";
 *
 * assert.equal(percentile([1, 2, 4], 0.75), 3);
 * ```
 *
 * @module
 */
export * from "./covariance.ts";
export { mean, meanOfKnown, percentile, standardDeviation } from "./descriptive.ts";
export * from "./distance_transform.ts";
export * from "./k_means.ts";
export * from "./leading_axes.ts";
export * from "./points.ts";
export * from "./symmetric_eigen.ts";
