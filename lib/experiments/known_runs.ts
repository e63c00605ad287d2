/**
 * Runs that an earlier sweep has done already, for instance on another machine.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import type { Config } from "../config/config.ts";
import { renewedConfig } from "../config/parse_config.ts";
import { readTextIfAny } from "../io/folders.ts";
import { naming } from "../io/text/naming.ts";
import { parseJson } from "../io/text/parse_json.ts";
import { STRATEGY_NAMES } from "../training/strategies/table.ts";
import { plannedRuns, runFolder, type SweepPlan } from "./sweep/plan.ts";
import { STRATEGY_SETTINGS_SCHEMA } from "./sweep/strategy_settings.ts";
import type { SweepResult, SweepRow } from "./result.ts";

const real = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const notNegative = v.pipe(real, v.minValue(0));
/** Metrics, of which there may be none: an overlap, and a distance in mm. */
const overlap = v.nullable(v.pipe(notNegative, v.maxValue(1)));
const distance = v.nullable(notNegative);
/** An average for each structure and over them. */
const averages = <Value extends v.GenericSchema>(value: Value) =>
  v.pipe(v.record(v.string(), value), v.check((all) => "mean" in all));

/** What must be known of a configuration to compare it; it may be of an earlier version. */
const ConfigJson = v.looseObject({
  preset: v.string(),
  grid: v.looseObject({ size: real, spacing: real }),
  inference: v.looseObject({ window: v.string() }),
});

const RowJson = v.object({
  pretraining: v.string(),
  strategy: v.string(),
  patients: count,
  seed: count,
  dice: averages(overlap),
  hd95_mm: averages(distance),
  assd_mm: averages(distance),
  nsd: v.optional(averages(overlap)),
  nsd_tolerance_mm: v.optional(notNegative),
  both_empty: v.optional(count),
  missed: count,
  test_patients: count,
  backend: v.optional(v.string()),
});

const ResultJson = v.object({
  schema: v.literal("pix2rep.sweep/1"),
  dataset: v.string(),
  config: v.object({
    configs: v.array(ConfigJson),
    groups: v.array(v.object({
      pretrainings: v.array(v.string()),
      strategies: v.array(v.picklist(STRATEGY_NAMES)),
      patients: v.array(count),
    })),
    seeds: v.array(count),
    tries: v.optional(count),
    tuned: v.optional(v.array(STRATEGY_SETTINGS_SCHEMA)),
  }),
  rows: v.array(RowJson),
  summary: v.array(v.unknown()),
  warnings: v.optional(v.array(v.string())),
});

/**
 * Reads the `result.json` of a sweep.
 *
 * @throws {Error} if there is no such file.
 * @throws {SyntaxError} if it holds no result of a sweep.
 * @throws {RangeError} if its plan is not sound (see {@linkcode plannedRuns}).
 */
export async function readResult(path: string): Promise<SweepResult> {
  const text = await readTextIfAny(path);
  if (text === undefined) throw new Error(`${path}: no such file; expected a sweep's result.json`);
  const result = parseJson(text, ResultJson, path) as unknown as SweepResult;
  naming(path, () => plannedRuns(result.config as SweepPlan));
  return result;
}

/**
 * Reads a row of a sweep that goes on.
 *
 * @throws {SyntaxError} if it is none.
 */
export function parseRow(text: string, path: string): SweepRow {
  return parseJson(text, RowJson, path) as SweepRow;
}

/**
 * The rows of an earlier result that a plan asks for, by their run's folder: those of the same
 * dataset and the same configuration, to the last setting. But for rounding, which differs between
 * backends, a run's outcome is decided by these and its seed, so that it need not be run again.
 */
export function knownRows(
  plan: SweepPlan,
  { dataset, earlier }: { dataset: string; earlier: SweepResult },
): Map<string, SweepRow> {
  if (earlier.dataset !== dataset) return new Map();
  const before = new Map(
    plannedRuns(earlier.config as SweepPlan).map((run) => [runFolder(run), run.config]),
  );
  const rows = new Map(earlier.rows.map((row) => [runFolder(row), row]));
  const same = (a: Config, b?: Config) => isDeepStrictEqual(a, renewedConfig(b));
  return new Map(
    plannedRuns(plan)
      .map((run) => ({ folder: runFolder(run), config: run.config }))
      .filter(({ folder, config }) => rows.has(folder) && same(config, before.get(folder)))
      .map(({ folder }) => [folder, rows.get(folder)!]),
  );
}

/** A line where known rows were computed on another backend than those that will join them. */
export function otherBackendWarning(rows: readonly SweepRow[], backend: string): string[] {
  const others = rows.filter((row) => row.backend !== undefined && row.backend !== backend);
  if (others.length === 0) return [];
  const names = [...new Set(others.map((row) => row.backend))].join(", ");
  return [
    `${others.length} of ${rows.length} known runs were computed on ${names}, not on ${backend}: ` +
    "results differ by rounding, and a seed does not repeat them to the last digit",
  ];
}
