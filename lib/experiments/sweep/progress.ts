/**
 * How far a sweep is, by the work of its stages.
 *
 * @module
 */
import { pretrainingSteps } from "../../training/pretrain.ts";
import { STRATEGIES } from "../../training/strategies/table.ts";
import { NO_PRETRAINING, type PlannedStage } from "./plan.ts";
import type { StageContext } from "./run_stage.ts";
import { labelledSlices, type SweepData, unlabelledSlices } from "./sweep_data.ts";

/** How far a sweep is. */
export interface SweepProgress {
  /** What is going on, for instance "pretraining pix2rep". */
  stage: string;
  /** Number of the stage, from 1. */
  part: number;
  /** Number of stages. */
  parts: number;
  /** How much of the sweep's training is done, 0 to 1. */
  fraction: number;
  /** The last loss, while training. */
  loss?: number;
  /** Slices that the stage was trained on so far. */
  slices?: number;
}

/**
 * What stages that run one after the other report to, by their position and title.
 *
 * @param work Of each stage, see {@linkcode stageWork}.
 */
export function stageReports(
  work: readonly number[],
  onProgress?: (progress: SweepProgress) => void,
): (position: number, stage: string) => StageContext["report"] {
  const all = sum(work);
  return (position, stage) => {
    const done = sum(work.slice(0, position));
    const place = { stage, part: position + 1, parts: work.length };
    return (fraction, trained) =>
      onProgress?.({
        ...{ ...place, ...trained },
        // What is done elsewhere is no work.
        fraction: all === 0 ? 1 : (done + fraction * work[position]) / all,
      });
  };
}

/**
 * The work of a stage, in slices that pass the network forward and backward: two views in
 * pretraining, one in adaptation. Forward alone, as in testing, is a third of that.
 */
export function stageWork({ config, run }: PlannedStage, data: SweepData): number {
  if (!run) {
    const { pretraining } = config;
    const views = 2 * (1 + pretraining.patches.perSlice);
    return views * pretrainingSteps(unlabelledSlices(data, config).count, pretraining) *
      pretraining.batch;
  }
  const { trains, steps, batch } = STRATEGIES[run.strategy];
  const tested = sum(data.test.map(({ slices }) => slices.depth)) / 3;
  // A frozen backbone sees its slices once; what follows costs little.
  if (trains !== "network") return tested + labelledSlices(data, run).slices.count / 3;
  const pretrained = run.pretraining !== NO_PRETRAINING;
  return tested + steps(config.adaptation, { pretrained }) * batch(config.adaptation);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
