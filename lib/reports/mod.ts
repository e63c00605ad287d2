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
export * from "./pictures/feature_pictures.ts";
export * from "./figures.ts";
export type { ModelName } from "./page_data.ts";
export * from "./pictures/panels_png.ts";
export * from "./report.ts";
export type {
  DataSummary,
  FeatureViews,
  GroupSummary,
  PretrainedFeatures,
  ReportEnvironment,
  ReportInput,
  ReportOrigin,
  ScanView,
  SliceViews,
  TrainingDuration,
} from "./inputs/report_input.ts";
export * from "./sweep_report.ts";
export type { FinishedSweep } from "./gather/gather_report.ts";
export type { SweepFolder } from "./gather/sweep_slices.ts";
