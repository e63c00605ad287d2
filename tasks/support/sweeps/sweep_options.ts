/**
 * The options of a sweep, which `sweep` and `submit` share, and the plan that they ask for.
 *
 * @module
 */
import type { Config } from "../../../lib/config/config.ts";
import { PRESETS } from "../../../lib/config/presets.ts";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import {
  type FinishedPretrainings,
  namedPretrainings,
  pretrainingsBeside,
} from "../../../lib/experiments/sweep/finished_pretrainings.ts";
import { readResult } from "../../../lib/experiments/known_runs.ts";
import { crossedGroups, type SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import { readPlan } from "../../../lib/experiments/sweep/plan_file.ts";
import type { SweepResult } from "../../../lib/experiments/result.ts";
import { STRATEGY_NAMES } from "../../../lib/training/strategies/table.ts";
import {
  commaSeparated,
  oneOf,
  usage,
  UsageError,
  type Values,
  wholeNumber,
} from "../command/command.ts";
import type { Option } from "../command/help.ts";
import {
  BACKEND_OPTION,
  changesOf,
  DATA_OPTIONS,
  outOption,
  PROTOCOL_OPTION,
  PSEUDONYMS_OPTION,
  SAVE_OPTION,
  SET_OPTION,
} from "../command/options.ts";

/** What a sweep compares, on which data. */
export const SWEEP_OPTIONS: Record<string, Option> = {
  ...DATA_OPTIONS,
  ...PSEUDONYMS_OPTION,
  presets: {
    value: "NAMES",
    help: `pretrainings to compare, of ${Object.keys(PRESETS).join(", ")}`,
    default: "auto",
  },
  strategies: { value: "NAMES", help: "how to adapt", default: STRATEGY_NAMES.join(", ") },
  patients: { value: "NUMBERS", help: "numbers of labelled patients", default: "1,2,5" },
  seeds: { value: "NUMBERS", help: "seeds of patients and training", default: "0,1,2" },
  plan: { value: "FILE", help: "a plan of groups of runs, instead of the four options above" },
  known: {
    value: "FILE",
    help:
      "a result.json whose runs, and pretrainings beside it, of the same settings are taken over, " +
      "not run again",
  },
  pretrained: {
    value: "RUN",
    help: "a finished pretraining of the same settings to take over; may be repeated",
    multiple: true,
  },
  ...PROTOCOL_OPTION,
  ...SET_OPTION,
  ...outOption("sweep", "the sweep's folder"),
};

/** How its runs are run. */
export const RUNNING_OPTIONS: Record<string, Option> = { ...SAVE_OPTION, ...BACKEND_OPTION };

/**
 * The plan of a file, or everything crossed with everything.
 *
 * @param resolve Makes a preset with changes a configuration.
 */
export async function planOf(
  values: Values,
  resolve: (preset: string, set: readonly string[]) => Config = (preset, set) =>
    resolveConfig(preset, { set }),
): Promise<SweepPlan> {
  const file = values.optional("plan");
  if (file !== undefined) {
    const other = ["presets", "strategies", "patients", "seeds"].find(values.given);
    if (other) throw new UsageError(`--plan has its own ${other}: leave out --${other}`);
    return await readPlan(file, { set: changesOf(values), resolve });
  }
  const configs = commaSeparated(
    values.text("presets"),
    (name) => usage(() => resolve(name, changesOf(values))),
  );
  const groups = crossedGroups(configs, {
    strategies: commaSeparated(
      values.text("strategies"),
      (name) => oneOf(name, "strategies", STRATEGY_NAMES),
    ),
    patients: commaSeparated(values.text("patients"), (n) => wholeNumber(n, "patients", 1)),
  });
  const seeds = commaSeparated(values.text("seeds"), (n) => wholeNumber(n, "seeds"));
  return { configs, groups, seeds };
}

/** The earlier result that `--known` names. */
export async function knownOf(values: Values): Promise<SweepResult | undefined> {
  const file = values.optional("known");
  return file === undefined ? undefined : await readResult(file);
}

/** The finished pretrainings that `--pretrained` names, and those beside the result of `--known`. */
export async function finishedOf(
  values: Values,
  { dataset, plan }: { dataset: Dataset; plan: SweepPlan },
): Promise<FinishedPretrainings> {
  const known = values.optional("known");
  const beside = known === undefined ? [] : await pretrainingsBeside(dataset, plan, known);
  return new Map([
    ...beside,
    ...await namedPretrainings(dataset, plan, values.list("pretrained")),
  ]);
}

/** The arguments of `sweep` by which another process runs stages of the same sweep. */
export function sweepArguments(values: Values): string[] {
  const given = Object.entries({ ...SWEEP_OPTIONS, ...RUNNING_OPTIONS })
    .filter(([name]) => name !== "out" && values.given(name))
    .flatMap(([name, { value }]) =>
      value ? values.list(name).map((text) => `--${name}=${text}`) : [`--${name}`]
    );
  return [...given, `--out=${values.text("out")}`];
}
