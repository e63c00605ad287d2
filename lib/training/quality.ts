/**
 * Watching a representation while it is pretrained.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Backbone } from "../backbones/backbone.ts";
import type { ViewSettings } from "../config/config.ts";
import { readSlices, type SliceSource } from "../data/slices/slice_source.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { matchedFeatures } from "../analysis/pixel_features.ts";
import { probeDice } from "../analysis/probe_dice.ts";
import {
  type RepresentationQuality,
  representationQuality,
} from "../analysis/representation_quality.ts";
import type { LoopOptions } from "./loop.ts";

/** One line of `quality.jsonl`. */
export interface QualityRecord extends RepresentationQuality {
  /** The step after which it was measured. */
  step: number;
  /** Dice of the nearest labelled pixels, where there is a {@linkcode Probe}. */
  probe_dice?: number;
}

/** A few labelled slices to measure on; the training does not see their labels. */
export interface Probe {
  /** Two slices or more, labelled, in the order of their patients. */
  slices: SliceStack;
  /** Number of classes, the background included. */
  classes: number;
}

/** How a representation is watched. */
export interface QualityOptions {
  /** Receives every measurement; without it, nothing is measured. */
  onQuality?: (record: QualityRecord) => void | Promise<void>;
  /** Receives, at most once, a line that warns of an early sign of collapse. */
  onCollapse?: (warning: string) => void;
  /** Labelled slices to measure on besides. */
  probe?: Probe;
}

/** Slices that are measured. */
const SLICES = 16;

/** Effective rank below which features may be collapsing. */
const LOW_RANK = 2;

/**
 * Measures a backbone every some steps, on some of the slices that it is trained on, spread over all
 * of them. Slices and views are the same every time, and nothing of the training changes.
 *
 * @returns undefined where there is nothing to do.
 */
export function qualityInspection(
  backbone: Backbone,
  slices: SliceSource,
  { every, views, onQuality, onCollapse, probe }: QualityOptions & {
    every: number;
    views: ViewSettings;
  },
): LoopOptions["inspect"] {
  if (!every || !onQuality) return undefined;
  const count = Math.min(SLICES, slices.count);
  const positions = Array.from({ length: count }, (_, i) => Math.floor(i * slices.count / count));
  const measured = readSlices(slices, positions);
  const warningOf = collapseWatch(backbone.features);
  const look = async (step: number) => {
    const features = matchedFeatures(backbone, measured, views);
    const quality = await representationQuality(features);
    tf.dispose([features.u, features.v]);
    const record: QualityRecord = { step, ...quality };
    if (probe) record.probe_dice = await probeDice(backbone, probe.slices, probe);
    await onQuality(record);
    const warning = warningOf(record);
    if (warning) onCollapse?.(warning);
  };
  return { every, look };
}

/**
 * Looks out for collapse: an effective rank below 2, or more than half of the dimensions dead, in
 * two measurements in a row.
 *
 * @param dimensions The number of features.
 * @returns takes measurements as they come, and gives a warning at most once.
 */
export function collapseWatch(dimensions: number): (record: QualityRecord) => string | undefined {
  let [before, warned] = [false, false];
  return ({ step, effective_rank: rank, dead_dimensions: dead }) => {
    const now = rank < LOW_RANK || dead > dimensions / 2;
    const warns = now && before && !warned;
    before = now;
    if (!warns) return undefined;
    warned = true;
    return `step ${step}: the features may be collapsing: effective rank ${rank.toFixed(1)}, ` +
      `${dead} of ${dimensions} dimensions dead, and no better at the measurement before; ` +
      "training goes on: compare with a lower learning rate or other views";
  };
}
