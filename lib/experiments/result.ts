/**
 * The outcome of a label-efficiency sweep, in the form of `result.json`.
 *
 * @module
 */
import { meanOfKnown, standardDeviation } from "../math/descriptive.ts";
import type { EvaluationSummary, MeanMetrics } from "../evaluators/summary.ts";
import { STRATEGY_NAMES } from "../training/strategies/table.ts";

/** What was run: one pretraining adapted by one strategy to some labelled patients. */
export interface SweepSetting {
  /** The pretraining's name, for instance "pix2rep"; "none" for random weights. */
  pretraining: string;
  /** The adaptation, for instance "scratch", "probe" or "finetune". */
  strategy: string;
  /** The number of labelled training patients, 1 or more. */
  patients: number;
}

/** One adapted model, evaluated on the test patients. */
export interface SweepRow extends SweepSetting {
  /** The seed of the run and of its choice of labelled patients. */
  seed: number;
  /** Dice by structure, and its "mean" over structures; null where no volume has one. */
  dice: Record<string, number | null>;
  /** HD95 in mm by structure, and its "mean"; null where no volume has one. */
  hd95_mm: Record<string, number | null>;
  /** ASSD in mm by structure, and its "mean"; null where no volume has one. */
  assd_mm: Record<string, number | null>;
  /** NSD by structure, and its "mean"; unknown, as what follows, of rows from before it was kept. */
  nsd?: Record<string, number | null>;
  /** The tolerance of NSD in mm. */
  nsd_tolerance_mm?: number;
  /** How often a structure was in neither of prediction and reference: no mean counts these. */
  both_empty?: number;
  /** How often a structure was in one of prediction and reference alone. */
  missed: number;
  /** The number of test patients. */
  test_patients: number;
  /** Where it was computed; unknown of rows from before this was kept. */
  backend?: string;
}

/** One setting over its seeds. */
export interface SweepSummary extends SweepSetting {
  /** Mean over seeds of the mean Dice; null where no run has one, as all masks were empty. */
  dice_mean: number | null;
  /** Sample standard deviation over seeds; 0 of a single seed, null of none. */
  dice_sd: number | null;
  /** The number of seeds. */
  n: number;
}

/** The content of `result.json`. */
export interface SweepResult {
  /** Version of this form. */
  schema: "pix2rep.sweep/1";
  /** The dataset's name. */
  dataset: string;
  /** The whole configuration that the sweep ran with. */
  config: object;
  /** Every run, in the order of {@linkcode compareSettings}, then by seed. */
  rows: SweepRow[];
  /** Every setting, in the same order. */
  summary: SweepSummary[];
  /** What must be known of the figures; absent where nothing must. */
  warnings?: readonly string[];
}

/** Makes a row from the evaluation of one adapted model, trained on a backend. */
export function sweepRow(
  run: SweepSetting & { seed: number; backend?: string },
  { mean, structures, missed, both_empty, patients, nsd_tolerance_mm }: EvaluationSummary,
): SweepRow {
  const by = <M extends keyof MeanMetrics>(metric: M): Record<string, MeanMetrics[M]> =>
    Object.fromEntries([
      ...Object.entries(structures).map(([name, averages]) => [name, averages[metric]]),
      ["mean", mean[metric]],
    ]);
  return {
    pretraining: run.pretraining,
    strategy: run.strategy,
    patients: run.patients,
    seed: run.seed,
    dice: by("dice"),
    hd95_mm: by("hd95_mm"),
    assd_mm: by("assd_mm"),
    nsd: by("nsd"),
    ...{ nsd_tolerance_mm, both_empty, missed },
    test_patients: patients,
    ...(run.backend !== undefined && { backend: run.backend }),
  };
}

/** Puts the rows in order, whatever order they were run in, and summarises them. */
export function sweepResult(
  rows: readonly SweepRow[],
  { dataset, config, warnings = [] }: Pick<SweepResult, "dataset" | "config" | "warnings">,
): SweepResult {
  const sorted = rows.toSorted((a, b) => compareSettings(a, b) || a.seed - b.seed);
  return {
    schema: "pix2rep.sweep/1",
    dataset,
    config,
    rows: sorted,
    summary: summariseRows(sorted),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Mean and sample standard deviation of Dice over the seeds of each setting, in a fixed order. */
export function summariseRows(rows: readonly SweepRow[]): SweepSummary[] {
  const settings = Map.groupBy(
    rows,
    (row) => JSON.stringify([row.pretraining, row.strategy, row.patients]),
  );
  return [...settings.values()].map((runs) => {
    const { pretraining, strategy, patients } = runs[0];
    const dice = runs.map((run) => run.dice.mean).filter((value) => value !== null);
    return {
      pretraining,
      strategy,
      patients,
      dice_mean: meanOfKnown(dice),
      dice_sd: dice.length > 0 ? standardDeviation(dice) : null,
      n: runs.length,
    };
  }).sort(compareSettings);
}

/**
 * The order of settings in results, tables and legends: no pretraining first, then pretrainings by
 * name; strategies from the baseline on, unknown ones last; fewer patients first.
 */
export function compareSettings(a: SweepSetting, b: SweepSetting): number {
  const pretrained = ({ pretraining }: SweepSetting) => pretraining === "none" ? 0 : 1;
  const rank = ({ strategy }: SweepSetting) => {
    const position = STRATEGY_NAMES.findIndex((name) => name === strategy);
    return position < 0 ? STRATEGY_NAMES.length : position;
  };
  return pretrained(a) - pretrained(b) || compare(a.pretraining, b.pretraining) ||
    rank(a) - rank(b) || compare(a.strategy, b.strategy) || a.patients - b.patients;
}

/** By code unit: the same order in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
