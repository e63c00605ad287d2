/**
 * A sweep that fits into a time.
 *
 * @module
 */
import type { Config } from "../../config/config.ts";
import {
  adaptationPace,
  fitPretraining,
  type Pace,
  pretrainingPace,
  TRAINING_SHARE,
  withAdaptationSteps,
} from "../../training/fit_time.ts";
import type { StrategyName } from "../../training/strategies/table.ts";
import { type PlannedRun, plannedStages, type SweepPlan } from "./plan.ts";

/** How long a sweep may take, and how much there is to do. */
export interface FitSweepOptions {
  /** Seconds in all. */
  seconds: number;
  /** Slices that a pretraining learns from. */
  slices: number;
  /** Slices that every model is tested on. */
  tested: number;
  /** Channels of a slice; 1 by default. */
  channels?: number;
}

/** Of the time, what pretrainings take where models are adapted too; adaptations take the rest. */
const PRETRAINING_SHARE = 0.6;

/** A slice that is only segmented, in slices that are trained on: forward alone. */
const FORWARD = 1 / 3;

/**
 * The same sweep with as many epochs and steps as fit: every pretraining takes as long as the others,
 * every adaptation as many steps.
 *
 * @throws What the trainings throw that are measured.
 */
export async function fitSweep(plan: SweepPlan, options: FitSweepOptions): Promise<SweepPlan> {
  const { slices, channels = 1 } = options;
  const stages = plannedStages(plan);
  const runs = stages.flatMap(({ run }) => run ?? []);
  const count = stages.length - runs.length;
  const seconds = TRAINING_SHARE * options.seconds;
  const pretraining = count === 0 ? 0 : runs.length === 0 ? 1 : PRETRAINING_SHARE;
  const steps = runs.length === 0 ? undefined : await adaptationSteps(plan.configs[0], runs, {
    ...options,
    seconds: seconds * (1 - pretraining),
  });
  const configs: Config[] = [];
  for (const config of plan.configs) {
    const adapted = steps === undefined ? config : withAdaptationSteps(config, steps);
    if (count === 0) {
      configs.push(adapted);
      continue;
    }
    const pace = await pretrainingPace(config, { channels });
    const each = seconds * pretraining / count;
    configs.push(fitPretraining(adapted, { pace, slices, seconds: each }));
  }
  return { ...plan, configs };
}

/** As many steps as every run may take, for all to fit with their tests. */
async function adaptationSteps(
  config: Config,
  runs: readonly PlannedRun[],
  { seconds, tested, channels }: FitSweepOptions,
): Promise<number> {
  const paces = new Map<StrategyName, Pace>();
  for (const { strategy } of runs) {
    if (paces.has(strategy)) continue;
    paces.set(strategy, await adaptationPace(config, { strategy, channels }));
  }
  const perStep = runs.reduce((sum, { strategy }) => sum + paces.get(strategy)!.perStep, 0);
  const perSlice = Math.max(...[...paces.values()].map(({ perStep }) => perStep)) /
    config.adaptation.batch;
  const tests = runs.length * tested * FORWARD * perSlice;
  const apart = runs.reduce((sum, { strategy }) => sum + paces.get(strategy)!.apart, 0);
  return Math.max(1, Math.floor((seconds - tests - apart) / perStep));
}
