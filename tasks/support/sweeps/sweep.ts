/**
 * A sweep as `sweep` and `demo` run it: shown while it runs, reported when it is done.
 *
 * @module
 */
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { splitPatients } from "../../../lib/data/datasets/splits.ts";
import type { FinishedPretrainings } from "../../../lib/experiments/sweep/finished_pretrainings.ts";
import {
  plannedPatients,
  plannedPretrainings,
  type PlannedStage,
  plannedStages,
  pretrainingName,
  runTitle,
  stageTitle,
  type SweepPlan,
} from "../../../lib/experiments/sweep/plan.ts";
import type { SweepResult } from "../../../lib/experiments/result.ts";
import { counted } from "../../../lib/io/text/amounts.ts";
import { settingName } from "../../../lib/experiments/setting_name.ts";
import {
  type SearchState,
  searchState,
  tuneSweep,
} from "../../../lib/experiments/tuning/tune_sweep.ts";
import { tunedPlan, type Tuning } from "../../../lib/experiments/tuning/tuning.ts";
import { sweepState } from "../../../lib/experiments/sweep/stages.ts";
import {
  runSweep,
  runSweepStage,
  type SweepOptions,
} from "../../../lib/experiments/sweep/sweep.ts";
import { sweepSplits } from "../../../lib/experiments/sweep/sweep_data.ts";
import { collectSweep, rowsOf } from "../../../lib/experiments/sweep/sweep_folder.ts";
import { diceText } from "../../../lib/reports/sections/sweep/finding.ts";
import { writeSweepReport } from "../../../lib/reports/sweep_report.ts";
import type { Environment } from "../command/options.ts";
import { commandLine, type Outcome } from "../command/outcome.ts";
import { duration } from "../../../lib/io/text/amounts.ts";
import type { Voice } from "../command/voice.ts";

/** How a sweep is run and shown. */
export interface ShowSweepOptions {
  /** The sweep's folder. */
  out: string;
  /** The report's title. */
  title: string;
  /** Where it computes. */
  environment: Environment;
  /** The result of an earlier sweep, whose runs are taken over. */
  known?: SweepResult;
  /** Pretrainings that are done elsewhere and are taken over. */
  finished?: FinishedPretrainings;
  /** Seconds between two checkpoints. */
  saveEvery?: number;
  /** Ends the sweep after the current step. */
  signal: AbortSignal;
  /** Shows it. */
  voice: Voice;
}

/** Runs a sweep, after its search, with its progress on display and writes its report. */
export async function showSweep(
  dataset: Dataset,
  asked: SweepPlan,
  { run = (plan, running) => runSweep(dataset, plan, running), ...options }: ShowSweepOptions & {
    /** Runs what is left of a plan; one stage after the other by default. */
    run?: (plan: SweepPlan, running: SweepOptions) => Promise<SweepResult>;
  },
): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const { environment, voice } = options;
  const plan = await tunedSweep(dataset, asked, options);
  const result = await run(plan, running(options));
  const outcome = await reportSweep(dataset, plan, {
    ...options,
    result,
    environment: { ...environment, seconds: seconds() },
  });
  voice.note(`done in ${duration(seconds())} on ${environment.backend}`);
  return outcome;
}

/**
 * The plan with the settings that its search finds, which is run with its progress on display; the plan
 * as it is where it asks for none.
 */
async function tunedSweep(
  dataset: Dataset,
  plan: SweepPlan,
  options: ShowSweepOptions,
): Promise<SweepPlan> {
  if (plan.tries === undefined) return plan;
  const tuning = await tuneSweep(dataset, plan, running(options));
  options.voice.note(chosenText(tuning));
  return tunedPlan(plan, tuning);
}

/** What a search chose, a line for each strategy. */
function chosenText({ searches, measured }: Tuning): string {
  const lines = searches.map(({ tries, chosen, ...setting }) => {
    const { set, mean } = tries[chosen];
    return `  ${settingName(setting)}: ${set.join(", ")} (Dice ${diceOrNone(mean)}, ` +
      `with the plan's settings ${diceOrNone(tries[0].mean)})`;
  });
  const of = counted(measured.length, "training patient");
  return [`settings chosen on ${of}:`, ...lines].join("\n");
}

function diceOrNone(dice: number | null): string {
  return dice?.toFixed(3) ?? "none";
}

/**
 * Runs one stage of a sweep with its progress on display, and writes the sweep's result and report
 * where it was the last.
 */
export async function showStage(
  dataset: Dataset,
  plan: SweepPlan,
  { stage, ...options }: ShowSweepOptions & { stage: PlannedStage },
): Promise<Outcome> {
  const { out, known } = options;
  await runSweepStage(dataset, plan, { ...running(options), stage: stage.id });
  const result = await collectSweep(dataset, plan, { out, known });
  const { id, folder } = stage;
  const title = stageTitle(stage);
  const json = { id, title, folder, last: result !== undefined };
  if (!result) return { text: `run ${id} is done: ${title}`, json };
  const outcome = await reportSweep(dataset, plan, { ...options, result });
  return { ...outcome, json };
}

/** What a sweep is run with, its progress on display. */
function running(
  { out, environment, known, finished, saveEvery, signal, voice }: ShowSweepOptions,
): SweepOptions {
  const display = voice.progress();
  const { backend } = environment;
  return {
    out,
    known,
    finished,
    saveEvery,
    signal,
    environment,
    onWarning: voice.warn,
    onProgress: ({ stage, part, parts, fraction, loss, slices }) =>
      display.update(fraction, { doing: `${part}/${parts} ${stage}`, loss, slices, backend }),
  };
}

/** Options of {@linkcode reportSweep}. */
export interface ReportSweepOptions extends Pick<ShowSweepOptions, "out" | "title"> {
  /** What came out. */
  result: SweepResult;
  /** Where it computed, and how long, where that is known. */
  environment: ShowSweepOptions["environment"] & { seconds?: number };
}

/** Writes the report of a sweep whose runs are done. */
export async function reportSweep(
  dataset: Dataset,
  plan: SweepPlan,
  { out, title, result, environment }: ReportSweepOptions,
): Promise<Outcome> {
  const { test } = splitPatients(dataset, { sizes: plannedPatients(plan) });
  // Other processes may have run the runs, elsewhere.
  const backends = new Set(result.rows.map(({ backend = environment.backend }) => backend));
  const backend = [...backends].join(", ");
  const adapter = backend === environment.backend ? environment.adapter : undefined;
  await writeSweepReport({ out, dataset, plan, result, test }, {
    title,
    environment: { ...environment, backend, adapter },
  });
  return {
    text: table(result),
    json: result,
    written: {
      folder: out,
      files: {
        "report.html": "figures and tables; open it in a browser",
        "result.json": "every run with its metrics",
        ...(plan.tries !== undefined && {
          "tuning.json": "every try of the search, and what was chosen",
          "tuning/": "the runs of the search, try by try",
        }),
        "config.json": "the plan with every setting",
        "plan.json": "every run by its number",
        "pretraining/": "a run's folder of each pretraining",
        "runs/": "and of each adapted model, with its metrics.csv",
      },
    },
  };
}

/** What a sweep would do: its search, its runs, and which of them are done. */
export async function planOutcome(
  dataset: Dataset,
  asked: SweepPlan,
  { out, known, finished }: Pick<ShowSweepOptions, "out" | "known" | "finished">,
): Promise<Outcome> {
  const search = asked.tries === undefined ? undefined : await searchState(dataset, asked, { out });
  const plan = search?.tuning ? tunedPlan(asked, search.tuning) : asked;
  const splits = sweepSplits(dataset, plan);
  const { left } = await sweepState(out, plan, rowsOf(dataset, plan, known));
  const open = new Set(left.map(({ id }) => id));
  const runs = plannedStages(plan).flatMap(({ id, folder, run }) =>
    run
      ? [{
        run: folder,
        number: id,
        title: runTitle(run),
        labelled: splits.get(run.seed)!.subsets[run.patients],
        done: !open.has(id),
      }]
      : []
  );
  const pretrainings = plannedPretrainings(plan).map(pretrainingName);
  const taken = (name: string) =>
    finished?.has(name) ? `${name} (${finished.get(name)!.folder})` : name;
  const undone = runs.filter(({ done }) => !done).length;
  return {
    text: [
      ...runs.map(({ title, done }) => `${done ? "done" : "  - "}  ${title}`),
      `${counted(runs.length, "run")}, ${undone} left to do, from ` +
      `${counted(pretrainings.length, "pretraining")}: ${
        pretrainings.map(taken).join(", ") || "none"
      }`,
      ...(search ? [searchText(search, plan)] : []),
    ].join("\n"),
    json: { ...(search && { search: searchJson(search) }), runs, pretrainings },
  };
}

/** How much a search takes, and of whom. */
function searchText({ runs, left, measured }: SearchState, { tries }: SweepPlan): string {
  return `before them, a search of ${tries} tries for each strategy: ${counted(runs, "run")}, ` +
    `${left} left to do, measured on ${counted(measured.length, "training patient")}`;
}

function searchJson({ tuning: _, ...counts }: SearchState): object {
  return counts;
}

/** What `--prepare` wrote, and the command that runs a part of it. */
export function preparedOutcome(
  stages: readonly PlannedStage[],
  { out, args }: { out: string; args: readonly string[] },
): Outcome {
  const last = stages.length - 1;
  const apart = stages.filter(({ after }) => after.length).length;
  const [first] = stages;
  return {
    text: `${counted(stages.length, "run")}, from number 0 to ${last}, pretrainings included; ` +
      `${apart} of them ${apart === 1 ? "needs" : "need"} another's outcome`,
    json: { out, runs: stages.length },
    written: {
      folder: out,
      files: {
        "plan.json": "every run with its number, its folder and what it needs",
        "config.json": "the plan with every setting",
        "splits/": "who is trained and tested on, by seed",
      },
    },
    next: {
      purpose: `run ${stageTitle(first)}`,
      command: commandLine("sweep", [...args, `--run=${first.id}`]),
    },
  };
}

/** Mean Dice ± standard deviation over seeds, by setting and number of patients. */
function table({ summary }: SweepResult): string {
  const counts = [...new Set(summary.map(({ patients }) => patients))].sort((a, b) => a - b);
  const settings = Map.groupBy(summary, settingName);
  const head = "mean Dice".padEnd(28) +
    counts.map((n) => counted(n, "patient").padStart(16)).join("");
  const rows = [...settings].map(([name, entries]) => {
    const cells = counts.map((n) => {
      const entry = entries.find(({ patients }) => patients === n);
      return (entry ? diceText(entry) : "–").padStart(16);
    });
    return name.padEnd(28) + cells.join("");
  });
  return [head, ...rows].join("\n");
}
