/**
 * What the page of an evaluation shows: gathered by `gather/`, made markup by `sections/`.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import type { EvaluationSummary } from "../../evaluators/summary.ts";
import type { ReportOrigin, SliceViews } from "./report_input.ts";

/** All that an evaluation's page shows. */
export interface EvaluationInput {
  /** The dataset's name. */
  dataset: string;
  /** What the labels mean. */
  structures: readonly Structure[];
  /** The averages. */
  summary: EvaluationSummary;
  /** The metrics of every structure of every scan. */
  cases: readonly CaseMetrics[];
  /** The same as a file. */
  csv: string;
  /** Slices of the scans at native resolution. */
  slices: SliceViews;
  /** How much of the scans that is, in a sentence. */
  shown: string;
  /** The configuration of the model. */
  config: object;
  /** Where it was computed. */
  environment: ReportOrigin;
}
