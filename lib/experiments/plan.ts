/**
 * The plan of a label-efficiency sweep: which models are trained and on how many patients.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import { pretrainingNeed, type Strategy } from "../training/adapt.ts";
import type { SweepSetting } from "./result.ts";
import { counted, settingName } from "./setting_name.ts";

/** What a sweep compares. */
export interface SweepPlan {
  /** One configuration per pretraining; the first is also the one of runs without pretraining. */
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
 * Every adaptation of a plan: scratch once, Mean Teacher without pretraining and from each, the
 * other strategies from each pretraining.
 *
 * @throws {RangeError} if a part of the plan is empty or holds something twice, or if the
 * configurations differ in their grid: models are compared on the same slices.
 */
export function plannedRuns(plan: SweepPlan): PlannedRun[] {
  checkPlan(plan);
  const { configs, strategies, patients, seeds } = plan;
  return strategies.flatMap((strategy) => {
    const need = pretrainingNeed(strategy);
    const pretrainings = [
      ...(need === "required" ? [] : [{ pretraining: "none", config: configs[0] }]),
      ...(need === "none"
        ? []
        : configs.map((config) => ({ pretraining: pretrainingName(config), config }))),
    ];
    return pretrainings.flatMap(({ pretraining, config }) =>
      patients.flatMap((count) =>
        seeds.map((seed) => ({
          pretraining,
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
