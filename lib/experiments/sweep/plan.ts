/**
 * The plan of a label-efficiency sweep: which models are trained and on how many patients.
 *
 * @module
 */
import type { Config, InferenceSettings } from "../../config/config.ts";
import { changeConfig } from "../../config/resolve.ts";
import { excerpt } from "../../io/text/printable.ts";
import { STRATEGIES, STRATEGY_NAMES, type StrategyName } from "../../training/strategies/table.ts";
import type { SweepSetting } from "../result.ts";
import { counted } from "../../io/text/amounts.ts";
import { settingName } from "../setting_name.ts";
import { areOf, type StrategySettings } from "./strategy_settings.ts";

/** The pretraining of models that start from random weights. */
export const NO_PRETRAINING = "none";

/** The most runs of a plan: they are held in memory several times over. */
const MOST_RUNS = 10_000;

/** What is crossed with what: each pretraining with each strategy and number of patients. */
export interface PlanGroup {
  /** Names of pretrainings ({@linkcode pretrainingName}), or "none". */
  pretrainings: readonly string[];
  /** How the models are adapted. */
  strategies: readonly StrategyName[];
  /** Numbers of labelled patients. */
  patients: readonly number[];
}

/** What a sweep compares. */
export interface SweepPlan {
  /** One configuration per pretraining; the first is also the one of models without any. */
  configs: readonly Config[];
  /** The runs, group by group. */
  groups: readonly PlanGroup[];
  /** Seeds of the labelled patients and of the adaptation: each run is run with each of them. */
  seeds: readonly number[];
  /** Tries of each strategy's length and rates, of which the best is run; no search by default. */
  tries?: number;
  /** What was chosen of them; without a search, settings of a strategy's own. */
  tuned?: readonly StrategySettings[];
}

/** One adaptation of the plan. */
export interface PlannedRun extends SweepSetting {
  /** How the model is adapted. */
  strategy: StrategyName;
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
 * The groups in which every strategy meets every number of patients: from random weights where the
 * strategy can, and from each pretraining where it can.
 */
export function crossedGroups(
  configs: readonly Config[],
  { strategies, patients }: Omit<PlanGroup, "pretrainings">,
): PlanGroup[] {
  return [[NO_PRETRAINING], configs.map(pretrainingName)].map((pretrainings) => ({
    pretrainings,
    strategies: strategies.filter((strategy) => suits(strategy, pretrainings[0])),
    patients,
  })).filter(({ strategies }) => strategies.length > 0);
}

/**
 * Every adaptation of a plan.
 *
 * @throws {RangeError} if a part of the plan is empty or beyond all measure, a run is planned twice, a
 * group names a pretraining that has no configuration or cannot be adapted by its strategy, settings
 * are given to none of the runs, or to one strategy that all share, or the configurations differ in their
 * grid or in how they segment: models are compared on the same slices, with the same extras.
 * @throws {TypeError} if a configuration does not take the settings of a strategy's own.
 */
export function plannedRuns({ configs, groups, seeds, tuned = [] }: SweepPlan): PlannedRun[] {
  const pretrainings = configs.map(pretrainingName);
  expectDifferent(
    "pretrainings",
    pretrainings,
    "; presets that differ in their sizes alone belong into sweeps of their own",
  );
  expectDifferent("seeds", seeds);
  expectOneGrid(configs);
  // Counted before they are made.
  const sizes = groups.map(({ pretrainings, strategies, patients }) =>
    pretrainings.length * strategies.length * patients.length
  );
  const planned = seeds.length * sizes.reduce((sum, size) => sum + size, 0);
  if (planned > MOST_RUNS) {
    throw new RangeError(`expected at most ${MOST_RUNS} runs, found ${planned}`);
  }
  const runs = groups.flatMap((group) => groupSettings(group, pretrainings))
    .flatMap((setting) => {
      const shared = configs[Math.max(0, pretrainings.indexOf(setting.pretraining))];
      const own = tuned.find((one) => areOf(one, setting));
      const config = own ? changeConfig(shared, own.set) : shared;
      return seeds.map((seed) => ({ ...setting, seed, config: { ...config, seed } }));
    });
  expectDifferent("runs", runs.map(runFolder));
  expectOwn(tuned, runs);
  return runs;
}

/** The numbers of labelled patients that a plan asks for. */
export function plannedPatients({ groups }: SweepPlan): number[] {
  return [...new Set(groups.flatMap(({ patients }) => patients))].sort((a, b) => a - b);
}

/** A stage of a sweep: a pretraining, or a run. */
export interface PlannedStage {
  /** Its number in the plan, from 0 on, whatever is done already: `sweep --run` takes it. */
  id: number;
  /** Its folder below the sweep's. */
  folder: string;
  /** Numbers of the stages that it needs the outcome of: of a run, its pretraining's. */
  after: number[];
  /** Its configuration. */
  config: Config;
  /** The run; none of a pretraining. */
  run?: PlannedRun;
}

/**
 * The stages of a plan in order: each pretraining just before the first run that starts from it.
 *
 * @param wanted Which runs to run, with the pretrainings that these need; all by default.
 */
export function plannedStages(
  plan: SweepPlan,
  wanted: (run: PlannedRun) => boolean = () => true,
): PlannedStage[] {
  const configs = new Map(plan.configs.map((config) => [pretrainingName(config), config]));
  const pretrainings = new Map<string, number>();
  const stages: PlannedStage[] = [];
  for (const run of plannedRuns(plan)) {
    const { pretraining } = run;
    const config = configs.get(pretraining);
    if (config && pretraining !== NO_PRETRAINING && !pretrainings.has(pretraining)) {
      const folder = `pretraining/${pretraining}`;
      pretrainings.set(pretraining, stages.length);
      stages.push({ id: stages.length, folder, after: [], config });
    }
    const after = [pretrainings.get(pretraining) ?? []].flat();
    stages.push({ id: stages.length, folder: runFolder(run), after, config: run.config, run });
  }
  const runs = stages.filter(({ run }) => run && wanted(run));
  const needed = new Set(runs.flatMap(({ id, after }) => [id, ...after]));
  return stages.filter(({ id }) => needed.has(id));
}

/** A stage in words, for instance "pretraining pix2rep". */
export function stageTitle({ config, run }: Pick<PlannedStage, "config" | "run">): string {
  return run ? runTitle(run) : `pretraining ${pretrainingName(config)}`;
}

/** The configurations whose pretraining a plan needs. */
export function plannedPretrainings(plan: SweepPlan): Config[] {
  return plannedStages(plan).flatMap(({ config, run }) => run ? [] : [config]);
}

function groupSettings(
  { pretrainings, strategies, patients }: PlanGroup,
  known: readonly string[],
): (SweepSetting & { strategy: StrategyName })[] {
  for (const [part, values] of Object.entries({ pretrainings, strategies, patients })) {
    expectDifferent(part, values);
  }
  return strategies.flatMap((strategy) =>
    pretrainings.flatMap((pretraining) => {
      if (!suits(strategy, pretraining)) {
        const able = STRATEGY_NAMES.filter((other) => suits(other, pretraining));
        throw new RangeError(
          `expected one of ${able.join(", ")} for the pretraining ` +
            `${excerpt(pretraining)}, found ${strategy}`,
        );
      }
      if (pretraining !== NO_PRETRAINING && !known.includes(pretraining)) {
        throw new RangeError(
          `expected a pretraining of ${[NO_PRETRAINING, ...known].join(", ")}, ` +
            `found ${excerpt(pretraining)}`,
        );
      }
      return patients.map((count) => ({ pretraining, strategy, patients: count }));
    })
  );
}

/** Makes sure that a plan gives settings to what it runs, and of adaptation alone: all else is shared. */
function expectOwn(tuned: readonly StrategySettings[], runs: readonly PlannedRun[]): void {
  const foreign = tuned.flatMap(({ set }) => set).find((change) =>
    !change.startsWith("adaptation.")
  );
  if (foreign !== undefined) {
    throw new RangeError(
      `expected settings of adaptation for one strategy alone, found ${excerpt(foreign)}`,
    );
  }
  const stranger = tuned.find((one) => !runs.some((run) => areOf(one, run)));
  if (!stranger) return;
  const found = excerpt(`${stranger.strategy} from ${stranger.pretraining}`);
  throw new RangeError(`expected settings of a strategy that the plan runs, found ${found}`);
}

/** Whether a strategy can start from there. */
function suits(strategy: StrategyName, pretraining: string): boolean {
  const impossible = pretraining === NO_PRETRAINING ? "required" : "none";
  return STRATEGIES[strategy].pretraining !== impossible;
}

function expectDifferent(part: string, values: readonly unknown[], remedy = ""): void {
  if (values.length > 0 && new Set(values).size === values.length) return;
  const found = excerpt(values.join(", "), 500) || "none";
  const advice = values.length > 0 ? remedy : "";
  throw new RangeError(`expected one or more different ${part}, found ${found}${advice}`);
}

function expectOneGrid(configs: readonly Config[]): void {
  const grids = new Set(
    configs.map(({ grid: { size, spacing, axis } }) =>
      `${size} px of ${spacing} mm${axis === "auto" ? "" : ` across ${axis}`}`
    ),
  );
  if (grids.size > 1) {
    throw new RangeError(`expected one grid, found ${[...grids].join(" and ")}`);
  }
  const readings = new Set(configs.map(({ data }) => JSON.stringify(data)));
  if (readings.size > 1) {
    throw new RangeError(`expected one way to read data, found ${[...readings].join(" and ")}`);
  }
  const [{ inference }] = configs;
  for (const setting of Object.keys(inference) as (keyof InferenceSettings)[]) {
    const values = new Set(configs.map(({ inference }) => inference[setting]));
    if (values.size > 1) {
      throw new RangeError(`expected one inference.${setting}, found ${[...values].join(" and ")}`);
    }
  }
}

/** A run's folder below the sweep's. */
export function runFolder(
  { pretraining, strategy, patients, seed }: SweepSetting & { seed: number },
): string {
  return `runs/${pretraining}-${strategy}-${patients}-patients-seed-${seed}`;
}

/** A run in words, for instance "Fine-tuned, pix2rep, 1 patient, seed 0". */
export function runTitle(run: Omit<PlannedRun, "config">): string {
  return `${settingName(run)}, ${counted(run.patients, "patient")}, seed ${run.seed}`;
}
