/**
 * The plan of a label-efficiency sweep: which models are trained and on how many patients.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { Strategy } from "../training/adapt.ts";
import type { SweepSetting } from "./result.ts";
import { counted, settingName } from "./setting_name.ts";

/** What a sweep compares. */
export interface SweepPlan {
  /** One configuration per pretraining; the first is also the one of `scratch`. */
  configs: readonly Config[];
  /** How the models are adapted. */
  strategies: readonly Strategy[];
  /** Numbers of labelled patients. */
  patients: readonly number[];
  /** Seeds of the labelled patients and of the adaptation. */
  seeds: readonly number[];
}

/** One adaptation of the plan. */
export interface PlannedRun extends SweepSetting {
  /** How the model is adapted. */
  strategy: Strategy;
  /** Seed of the labelled patients and of the adaptation. */
  seed: number;
  /** Its configuration. */
  config: Config;
}

/** A pretraining's name in results: its preset's, without the size. */
export function pretrainingName({ preset }: Config): string {
  return preset.replace(/-(small|demo)$/, "");
}

/** Every adaptation of a plan: scratch once, the other strategies from each pretraining. */
export function plannedRuns({ configs, strategies, patients, seeds }: SweepPlan): PlannedRun[] {
  return strategies.flatMap((strategy) => {
    const pretrainings = strategy === "scratch" ? configs.slice(0, 1) : configs;
    return pretrainings.flatMap((config) =>
      patients.flatMap((count) =>
        seeds.map((seed) => ({
          pretraining: strategy === "scratch" ? "none" : pretrainingName(config),
          strategy,
          patients: count,
          seed,
          config: { ...config, seed },
        }))
      )
    );
  });
}

/** A run's folder below the sweep's. */
export function runFolder(
  { pretraining, strategy, patients, seed }: Omit<PlannedRun, "config">,
): string {
  return `runs/${pretraining}-${strategy}-${patients}-patients-seed-${seed}`;
}

/** A run in words, for instance "Fine-tuned, pix2rep, 1 patient, seed 0". */
export function runTitle(run: Omit<PlannedRun, "config">): string {
  return `${settingName(run)}, ${counted(run.patients, "patient")}, seed ${run.seed}`;
}
