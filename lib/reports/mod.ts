/**
 * Results to look at: figures, and the report of a sweep as one HTML page.
 *
 * @example
 * ```ts
 * import { trainingFigure } from "@pix2rep/pix2rep/reports";
 * import assert from "node:assert/strict";
 *
 * const points = [{ step: 1, loss: 3, learning_rate: 0.001 }];
 * const { data } = trainingFigure([{ name: "pix2rep", group: "pretraining", points }]);
 * assert.equal(data.length, 1);
 * ```
 *
 * @module
 */
export * from "./feature_pictures.ts";
export * from "./figures.ts";
export * from "./panels_png.ts";
export * from "./report.ts";
export type { FeatureViews, PretrainedFeatures } from "./feature_explorer.ts";
export type { DataSummary, GroupSummary, ReportEnvironment, ReportOrigin } from "./origin.ts";
export type { ScanView, SliceViews } from "./slice_browser.ts";
export * from "./sweep_report.ts";
export type { SweepFolder } from "./sweep_slices.ts";
