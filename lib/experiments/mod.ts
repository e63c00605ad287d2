/**
 * The few-shot protocol: its results and their statistics.
 *
 * @example
 * ```ts
 * import { wilcoxonSignedRank } from "@pix2rep/pix2rep/experiments";
 * import assert from "node:assert/strict";
 *
 * // Six patients, all of them segmented better.
 * const [before, after] = [[0.5, 0.6, 0.7, 0.4, 0.3, 0.2], [0.6, 0.8, 0.8, 0.7, 0.5, 0.6]];
 * assert.equal(wilcoxonSignedRank(before, after).p, 2 / 2 ** 6);
 * ```
 *
 * @module
 */
export {
  crossValidate,
  type CrossValidateOptions,
  type CrossValidation,
  type CrossValidationProgress,
} from "./cross_validation.ts";
export {
  type FinishedPretraining,
  type FinishedPretrainings,
  namedPretrainings,
  pretrainingsBeside,
} from "./sweep/finished_pretrainings.ts";
export { knownRows, otherBackendWarning, readResult } from "./known_runs.ts";
export * from "./patient_dice.ts";
export * from "./sweep/plan.ts";
export * from "./sweep/plan_file.ts";
export * from "./result.ts";
export type { StageOptions } from "./sweep/run_stage.ts";
export * from "./setting_name.ts";
export { type StageList, stageList, type SweepState, sweepState } from "./sweep/stages.ts";
export * from "./statistics.ts";
export type { StrategySettings } from "./sweep/strategy_settings.ts";
export type { SweepProgress } from "./sweep/progress.ts";
export {
  plannedStage,
  runSweep,
  runSweepStage,
  type SweepOptions,
  type SweepStageOptions,
} from "./sweep/sweep.ts";
export {
  type SearchState,
  searchState,
  tuneSweep,
  type TuneSweepOptions,
} from "./tuning/tune_sweep.ts";
export {
  readTuning,
  type Search,
  type TrialDice,
  type Try,
  tunedPlan,
  type Tuning,
} from "./tuning/tuning.ts";
export { collectSweep, prepareSweep, type SweepFolderOptions } from "./sweep/sweep_folder.ts";
