/** `deno task sweep`: label efficiency, strategies × patients × seeds × pretrainings. */
import { join } from "node:path";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { plannedStages, type SweepPlan } from "../lib/experiments/sweep/plan.ts";
import { plannedStage, type SweepOptions } from "../lib/experiments/sweep/sweep.ts";
import { prepareSweep } from "../lib/experiments/sweep/sweep_folder.ts";
import { main, usage, UsageError, type Values } from "./support/command/command.ts";
import { lockFolder } from "./support/command/lock.ts";
import {
  backendOf,
  dryRunOption,
  MINUTES_OPTION,
  startBackend,
} from "./support/command/options.ts";
import type { Outcome } from "./support/command/outcome.ts";
import {
  planOutcome,
  preparedOutcome,
  showStage,
  showSweep,
  type ShowSweepOptions,
} from "./support/sweeps/sweep.ts";
import { runJobs } from "./support/sweeps/sweep_jobs.ts";
import {
  finishedOf,
  knownOf,
  RUNNING_OPTIONS,
  SWEEP_OPTIONS,
  sweepArguments,
} from "./support/sweeps/sweep_options.ts";
import { sweepOf } from "./support/sweeps/sweep_plan.ts";

/** Options of which one excludes the others. */
const WAYS = ["dry-run", "prepare", "run", "jobs"];

/** Options that do not go with a search: it is run before all else, and chooses the lengths. */
const NOT_TUNED = ["prepare", "run", "minutes"];

await main({
  name: "sweep",
  summary: "Compares pretrainings, strategies and numbers of labelled patients over seeds; a " +
    "sweep that was stopped goes on where it was.",
  options: {
    ...SWEEP_OPTIONS,
    ...dryRunOption("which runs the plan has and which are left to do"),
    prepare: { value: "", help: "writes plan.json, the list of all runs, and runs none" },
    run: { value: "K", help: "runs number K of plan.json and nothing else, beside others" },
    jobs: { value: "N", help: "as many runs at the same time, on a share of the cores each" },
    tune: {
      value: "N",
      help:
        "first searches each strategy's steps and rates, N tries each, on training patients alone",
    },
    ...MINUTES_OPTION,
    ...RUNNING_OPTIONS,
  },
  examples: [
    ["", "two pretrainings on the phantom cohort"],
    ["--data ../acdc --patients 1,2,5,10,20 --out runs/acdc", "label efficiency on ACDC"],
    ["--data ../acdc --plan my-plan.json --out runs/acdc", "the runs of a plan"],
    ["--data ../acdc --plan my-plan.json --out runs/acdc --dry-run", "what is left to do?"],
    ["--pretrained runs/pretrain --set adaptation.loss=dice --out runs/dice", "pretrains no more"],
    ["--data ../acdc --plan my-plan.json --out runs/acdc --jobs 4", "four at a time"],
    ["--data ../acdc --plan my-plan.json --out runs/acdc --tune 6", "each as strong as it can be"],
  ],
  goOn: () => "the same command goes on where it was",
  sharesOut: (values) => values.given("run"),
  run: async (values, signal, voice) => {
    const [way, other] = WAYS.filter(values.given);
    if (other) throw new UsageError(`expected one of --${way} and --${other}, found both`);
    const jobs = values.count("jobs", 1);
    const number = values.count("run");
    const tries = triesOf(values);
    const { plan: asked, dataset } = await sweepOf(values, voice);
    const plan = tries === undefined ? asked : { ...asked, tries };
    const known = await knownOf(values);
    const out = values.text("out");
    if (number !== undefined) usage(() => plannedStage(plannedStages(plan), number));
    const finished = await finishedOf(values, { dataset, plan });
    if (way === "dry-run") return await planOutcome(dataset, plan, { out, known, finished });
    if (way === "prepare") {
      const stages = await prepareSweep(dataset, plan, { out });
      return preparedOutcome(stages, { out, args: sweepArguments(values) });
    }
    const options: ShowSweepOptions = {
      out,
      title: `Label efficiency on ${dataset.name}`,
      environment: await startBackend(values, voice),
      known,
      finished,
      saveEvery: values.count("save-every"),
      signal,
      voice,
    };
    if (number !== undefined) return await showNumber(dataset, plan, { ...options, number });
    const backend = backendOf(values);
    const run = jobs === undefined
      ? undefined
      : (plan: SweepPlan, running: SweepOptions) =>
        runJobs(dataset, plan, { ...running, jobs, backend });
    return await showSweep(dataset, plan, { ...options, run });
  },
});

/** Runs the stage of a number, which no other process runs meanwhile. */
async function showNumber(
  dataset: Dataset,
  plan: SweepPlan,
  { number, ...options }: ShowSweepOptions & { number: number },
): Promise<Outcome> {
  const stage = plannedStage(plannedStages(plan), number);
  const unlock = await lockFolder(join(options.out, stage.folder), { within: options.out });
  try {
    return await showStage(dataset, plan, { ...options, stage });
  } finally {
    unlock();
  }
}

/** Tries of the search that `--tune` asks for, if it does. */
function triesOf(values: Values): number | undefined {
  const other = values.given("tune") ? NOT_TUNED.find(values.given) : undefined;
  if (other) throw new UsageError(`--tune: expected no --${other}, found it`);
  return values.count("tune", 2);
}
