/**
 * What the page of predicted masks shows: gathered by `gather/`, made markup by `sections/`.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import type { SeenVolumes } from "../../data/slices/seen_volumes.ts";
import type { ReportOrigin, SliceViews } from "./report_input.ts";

/** What is told of a mask. */
export interface PredictedMask {
  /** How its scan is called. */
  title: string;
  /** See `doubtMeter`; null where no pixel may be of a structure. */
  doubt: number | null;
  /** The volume of each structure in ml, in the structures' order. */
  volumes: readonly number[];
}

/** A mask with what speaks against it. */
export interface DoubtedMask extends PredictedMask {
  /** Why to look at it first, a phrase each: nothing was found, or a volume far from others. */
  reasons: readonly string[];
}

/** All that the page shows. */
export interface PredictionInput {
  /** What the labels mean. */
  structures: readonly Structure[];
  /** The masks, the most doubtful first. */
  masks: readonly DoubtedMask[];
  /** How large structures were in the masks that the model learned from, where it tells. */
  references?: SeenVolumes;
  /** Why to doubt them all, a sentence or two each. */
  warnings: readonly string[];
  /** Slices of their scans at native resolution. */
  slices: SliceViews;
  /** How much of the scans that is, in a sentence. */
  shown: string;
  /** The configuration of the model. */
  config: object;
  /** Where it was computed. */
  environment: ReportOrigin;
}
