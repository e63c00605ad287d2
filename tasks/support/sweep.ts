/**
 * A sweep as `sweep` and `demo` run it: shown while it runs, reported when it is done.
 *
 * @module
 */
import type { Dataset } from "../../lib/data/dataset.ts";
import { splitPatients } from "../../lib/data/splits.ts";
import { plannedPatients, type SweepPlan } from "../../lib/experiments/plan.ts";
import type { SweepResult } from "../../lib/experiments/result.ts";
import { counted, settingName } from "../../lib/experiments/setting_name.ts";
import { runSweep, type SweepProgress } from "../../lib/experiments/sweep.ts";
import { writeSweepReport } from "../../lib/reports/sweep_report.ts";
import { duration, progress } from "./progress.ts";

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
  /** Ends the sweep after the current step. */
  signal: AbortSignal;
}

/** Runs a sweep, writes its report and prints its table. */
export async function showSweep(
  dataset: Dataset,
  plan: SweepPlan,
  { out, title, environment, known, signal }: ShowSweepOptions,
): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const display = progress();
  const onProgress = ({ stage, part, parts, fraction, loss }: SweepProgress) => {
    const text = `${part}/${parts} ${stage}${
      loss === undefined ? "" : `  loss ${loss.toFixed(3)}`
    }`;
    display.update(fraction, text);
  };
  const { backend, deno } = environment;
  try {
    const result = await runSweep(dataset, plan, {
      out,
      environment: { backend, deno },
      known,
      onProgress,
      signal,
    });
    const { test } = splitPatients(dataset, { sizes: plannedPatients(plan) });
    const report = await writeSweepReport({ out, dataset, plan, result, test }, {
      title,
      environment: { ...environment, seconds: seconds() },
    });
    display.end();
    console.log(table(result));
    console.log(`\n${duration(seconds())} on ${backend}; look at ${report}, data in result.json`);
  } finally {
    display.end();
  }
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
