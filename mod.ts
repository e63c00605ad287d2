/**
 * Pix2Rep: dense self-supervised pretraining for few-shot medical segmentation.
 *
 * What a script or a notebook needs from a folder of scans to a predicted mask. All else, losses,
 * operations, layers, is in the sub-paths, for instance `@pix2rep/pix2rep/losses`.
 *
 * @example
 * ```ts
 * import * as p from "@pix2rep/pix2rep";
 * import assert from "node:assert/strict";
 *
 * await p.useBackend("simd");
 * const set = ["grid.size=16", "backbone.widths=[4,8]", "pretraining.batch=2", "loss.pixels=50"];
 * const config = p.resolveConfig("pix2rep-small", { set });
 * const images = new Float32Array(4 * 16 * 16).map(Math.random);
 * const slices = { count: 4, size: 16, channels: 1, images };
 * const pretrained = await p.pretrain(slices, config, { steps: 1 });
 * const labelled = { ...slices, labels: new Uint8Array(slices.images.length) };
 * const options = { strategy: "finetune", classes: 2, pretrained } as const;
 * const short = p.changeConfig(config, ["adaptation.iterations=1"]);
 * const adapted = await p.adapt(labelled, short, options);
 * assert.ok("head.0.weight" in adapted.tensors);
 * ```
 *
 * @module
 */
// Where it computes, and with which settings.
export { useBackend } from "./lib/backends/mod.ts";
export { changeConfig, type Config, PRESETS, resolveConfig } from "./lib/config/mod.ts";
export { random } from "./lib/math/random.ts";

// Data in and out.
export {
  checkDataset,
  formatDataReport,
  labelsToValues,
  loadCohort,
  loadSlices,
  middleSlices,
  openDataset,
  openPhantom,
  readNifti,
  readSplit,
  splitPatients,
  stackSlices,
  takeSlices,
  writeNifti,
  writeSplit,
} from "./lib/data/mod.ts";

// Training.
export {
  adapt,
  pretrain,
  pretrainedBackbone,
  pretrainingSteps,
  segmentationModel,
  STRATEGIES,
  STRATEGY_NAMES,
} from "./lib/training/mod.ts";
export { openRun, readCheckpoint, writeCheckpoint } from "./lib/runs/mod.ts";

// What came out.
export { evaluateModel, metricsCsv, summarise } from "./lib/evaluators/mod.ts";
export { labelsOfSlices, segmentScan } from "./lib/inference/mod.ts";
export { crossedGroups, runSweep } from "./lib/experiments/mod.ts";

// To look at.
export {
  componentsPicture,
  labelEfficiencyFigure,
  similarityPicture,
  trainingFigure,
  viewPictures,
  writeSweepReport,
} from "./lib/reports/mod.ts";
export * from "./lib/notebook/mod.ts";
