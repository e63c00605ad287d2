/**
 * Runs that an earlier sweep has done already, for instance on another machine.
 *
 * @module
 */
import * as v from "valibot";
import type { Config } from "../config/config.ts";
import { readTextIfAny } from "../data/files.ts";
import { parseJson } from "../data/parse_json.ts";
import { plannedRuns, runFolder, type SweepPlan } from "./plan.ts";
import type { SweepResult, SweepRow } from "./result.ts";

const metric = v.record(v.string(), v.nullable(v.number()));

const ResultJson = v.object({
  schema: v.literal("pix2rep.sweep/1"),
  dataset: v.string(),
  config: v.object({
    configs: v.array(v.unknown()),
    groups: v.array(v.unknown()),
    seeds: v.array(v.number()),
  }),
  rows: v.array(v.object({
    pretraining: v.string(),
    strategy: v.string(),
    patients: v.number(),
    seed: v.number(),
    dice: v.record(v.string(), v.number()),
    hd95_mm: metric,
    assd_mm: metric,
    missed: v.number(),
    test_patients: v.number(),
    backend: v.optional(v.string()),
  })),
  summary: v.array(v.unknown()),
});

/**
 * Reads the `result.json` of a sweep.
 *
 * @throws {Error} if there is no such file.
 * @throws {SyntaxError} if it holds no result of a sweep.
 */
export async function readResult(path: string): Promise<SweepResult> {
  const text = await readTextIfAny(path);
  if (text === undefined) throw new Error(`${path}: no such file; expected a sweep's result.json`);
  return parseJson(text, ResultJson, path) as unknown as SweepResult;
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
  const same = (a: Config, b?: Config) => JSON.stringify(a) === JSON.stringify(b);
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
