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

/**
 * Every adaptation of a plan: scratch once, the other strategies from each pretraining.
 *
 * @throws {RangeError} if a part of the plan is empty or holds something twice, or if the
 * configurations differ in their grid or in the window of inference: models are compared on the
 * same slices.
 */
export function plannedRuns(plan: SweepPlan): PlannedRun[] {
  checkPlan(plan);
  const { configs, strategies, patients, seeds } = plan;
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

function checkPlan({ configs, strategies, patients, seeds }: SweepPlan): void {
  const pretrainings = configs.map(pretrainingName);
  for (const [part, values] of Object.entries({ pretrainings, strategies, patients, seeds })) {
    if (values.length === 0 || new Set<unknown>(values).size < values.length) {
      throw new RangeError(
        `sweep: expected one or more different ${part}, found ${values.join(", ") || "none"}`,
      );
    }
  }
  const grids = new Set(
    configs.map(({ grid: { size, spacing } }) => `${size} px of ${spacing} mm`),
  );
  if (grids.size > 1) {
    throw new RangeError(`sweep: expected one grid, found ${[...grids].join(" and ")}`);
  }
  const windows = new Set(configs.map(({ inference }) => inference.window));
  if (windows.size > 1) {
    throw new RangeError(
      `sweep: expected one inference.window, found ${[...windows].join(" and ")}`,
    );
  }
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
