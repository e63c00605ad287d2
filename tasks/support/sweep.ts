/**
 * A sweep as `sweep` and `demo` run it: shown while it runs, reported when it is done.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../../lib/data/dataset.ts";
import { splitPatients } from "../../lib/data/splits.ts";
import { knownRows } from "../../lib/experiments/known_runs.ts";
import {
  plannedPatients,
  plannedPretrainings,
  plannedRuns,
  pretrainingName,
  runFolder,
  runTitle,
  type SweepPlan,
} from "../../lib/experiments/plan.ts";
import type { SweepResult } from "../../lib/experiments/result.ts";
import { counted, settingName } from "../../lib/experiments/setting_name.ts";
import { runSweep, type SweepProgress } from "../../lib/experiments/sweep.ts";
import { writeSweepReport } from "../../lib/reports/sweep_report.ts";
import type { Outcome } from "./outcome.ts";
import { duration } from "./progress.ts";
import type { Voice } from "./voice.ts";

/** Options of {@linkcode showSweep}. */
export interface ShowSweepOptions {
  /** The sweep's folder. */
  out: string;
  /** The report's title. */
  title: string;
  /** Where it computes. */
  environment: { backend: string; adapter?: string; deno: string };
  /** The result of an earlier sweep, whose runs are taken over. */
  known?: SweepResult;
  /** Seconds between two checkpoints. */
  saveEvery?: number;
  /** Ends the sweep after the current step. */
  signal: AbortSignal;
  /** Shows it. */
  voice: Voice;
}

/** Runs a sweep with its progress on display and writes its report. */
export async function showSweep(
  dataset: Dataset,
  plan: SweepPlan,
  { out, title, environment, known, saveEvery, signal, voice }: ShowSweepOptions,
): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const { backend, deno } = environment;
  const display = voice.progress();
  const onProgress = ({ stage, part, parts, fraction, loss, slices }: SweepProgress) =>
    display.update(fraction, { doing: `${part}/${parts} ${stage}`, loss, slices, backend });
  const result = await runSweep(dataset, plan, {
    out,
    environment: { backend, deno },
    known,
    onProgress,
    onWarning: voice.warn,
    saveEvery,
    signal,
  });
  const { test } = splitPatients(dataset, { sizes: plannedPatients(plan) });
  await writeSweepReport({ out, dataset, plan, result, test }, {
    title,
    environment: { ...environment, seconds: seconds() },
  });
  voice.note(`done in ${duration(seconds())} on ${backend}`);
  return {
    text: table(result),
    json: result,
    written: {
      folder: out,
      files: {
        "report.html": "figures and tables; open it in a browser",
        "result.json": "every run with its metrics",
        "config.json": "the plan with every setting",
        "pretraining/": "a run's folder of each pretraining",
        "runs/": "and of each adapted model, with its metrics.csv",
      },
    },
  };
}

/** What a sweep would do: its runs, and which of them are done. */
export function planOutcome(
  dataset: Dataset,
  plan: SweepPlan,
  { out, known }: Pick<ShowSweepOptions, "out" | "known">,
): Outcome {
  const rows = known && knownRows(plan, { dataset: dataset.name, earlier: known });
  const splits = new Map(plan.seeds.map((seed) => [
    seed,
    splitPatients(dataset, { seed, sizes: plannedPatients(plan) }),
  ]));
  const runs = plannedRuns(plan).map((run) => ({
    run: runFolder(run),
    title: runTitle(run),
    labelled: splits.get(run.seed)!.subsets[run.patients],
    done: existsSync(join(out, runFolder(run), "row.json")) || !!rows?.has(runFolder(run)),
  }));
  const pretrainings = plannedPretrainings(plan).map(pretrainingName);
  const left = runs.filter(({ done }) => !done).length;
  return {
    text: [
      ...runs.map(({ title, done }) => `${done ? "done" : "  - "}  ${title}`),
      `${counted(runs.length, "run")}, ${left} left to do, from ` +
      `${counted(pretrainings.length, "pretraining")}: ${pretrainings.join(", ") || "none"}`,
    ].join("\n"),
    json: { runs, pretrainings },
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
      const text = entry ? `${entry.dice_mean.toFixed(3)} ± ${entry.dice_sd.toFixed(3)}` : "–";
      return text.padStart(16);
    });
    return name.padEnd(28) + cells.join("");
  });
  return [head, ...rows].join("\n");
}
