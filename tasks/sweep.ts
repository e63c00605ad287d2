/** `deno task sweep`: label efficiency, strategies × patients × seeds × pretrainings. */
import { PRESETS } from "../lib/config/presets.ts";
import { resolveConfig } from "../lib/config/resolve.ts";
import { readResult } from "../lib/experiments/known_runs.ts";
import { crossedGroups, type SweepPlan } from "../lib/experiments/plan.ts";
import { readPlan } from "../lib/experiments/plan_file.ts";
import { STRATEGIES } from "../lib/training/adapt.ts";
import {
  commaSeparated,
  main,
  oneOf,
  usage,
  UsageError,
  type Values,
  wholeNumber,
} from "./support/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  datasetOf,
  dryRunOption,
  outOption,
  PSEUDONYMS_OPTION,
  SAVE_OPTION,
  SET_OPTION,
  startBackend,
} from "./support/options.ts";
import { planOutcome, showSweep } from "./support/sweep.ts";

await main({
  name: "sweep",
  summary: "Compares pretrainings, strategies and numbers of labelled patients over seeds; a " +
    "sweep that was stopped goes on where it was.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    presets: {
      value: "NAMES",
      help: `pretrainings to compare, of ${Object.keys(PRESETS).join(", ")}`,
      default: "pix2rep-small,pix2rep-bt-small",
    },
    strategies: { value: "NAMES", help: "how to adapt", default: STRATEGIES.join() },
    patients: { value: "NUMBERS", help: "numbers of labelled patients", default: "1,2,5" },
    seeds: { value: "NUMBERS", help: "seeds of patients and training", default: "0,1,2" },
    plan: { value: "FILE", help: "a plan of groups of runs, instead of the four options above" },
    known: {
      value: "FILE",
      help: "a result.json whose runs of the same settings are taken over, not run again",
    },
    ...SET_OPTION,
    ...outOption("sweep", "the sweep's folder"),
    ...dryRunOption("which runs the plan has and which are left to do"),
    ...SAVE_OPTION,
    ...BACKEND_OPTION,
  },
  examples: [
    ["", "two pretrainings on the phantom cohort"],
    ["--data ../acdc --patients 1,2,5,10,20 --out runs/acdc", "label efficiency on ACDC"],
    ["--data ../acdc --plan plan.json --out runs/acdc", "the runs of a plan"],
    ["--data ../acdc --plan plan.json --out runs/acdc --dry-run", "what is left to do?"],
  ],
  goOn: () => "the same command goes on where it was",
  run: async (values, signal, voice) => {
    const plan = await planOf(values);
    const file = values.optional("known");
    const known = file === undefined ? undefined : await readResult(file);
    const out = values.text("out");
    const dataset = await datasetOf(values);
    if (values.given("dry-run")) return planOutcome(dataset, plan, { out, known });
    const environment = await startBackend(values, voice);
    return await showSweep(dataset, plan, {
      out,
      title: `Label efficiency on ${dataset.name}`,
      environment,
      known,
      saveEvery: values.count("save-every"),
      signal,
      voice,
    });
  },
});

/** The plan of a file, or everything crossed with everything. */
async function planOf(values: Values): Promise<SweepPlan> {
  const file = values.optional("plan");
  if (file !== undefined) {
    const other = ["presets", "strategies", "patients", "seeds"].find(values.given);
    if (other) throw new UsageError(`--plan has its own ${other}: leave out --${other}`);
    return await readPlan(file, values.list("set"));
  }
  const configs = commaSeparated(
    values.text("presets"),
    (name) => usage(() => resolveConfig(name, { set: values.list("set") })),
  );
  const groups = crossedGroups(configs, {
    strategies: commaSeparated(
      values.text("strategies"),
      (name) => oneOf(name, "strategies", STRATEGIES),
    ),
    patients: commaSeparated(values.text("patients"), (n) => wholeNumber(n, "patients", 1)),
  });
  const seeds = commaSeparated(values.text("seeds"), (n) => wholeNumber(n, "seeds"));
  return { configs, groups, seeds };
}
