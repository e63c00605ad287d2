/**
 * The rows of a sweep for a spreadsheet.
 *
 * @module
 */
import { csvCell } from "../io/text/csv_cell.ts";
import type { SweepRow } from "./result.ts";

/** What a row has by structure. */
const MEASURES = ["dice", "hd95_mm", "assd_mm", "nsd"] as const;

/**
 * One line per run as CSV (RFC 4180): its setting and seed, each measure of each structure and of
 * their mean, `dice_LV` for instance, and what was counted; empty where there is none.
 */
export function rowsCsv(rows: readonly SweepRow[]): string {
  const names = [...new Set(rows.flatMap(({ dice }) => Object.keys(dice)))];
  const measured = MEASURES.flatMap((measure) => names.map((name) => ({ measure, name })));
  const header = [
    ...["pretraining", "strategy", "patients", "seed", "test_patients"],
    ...measured.map(({ measure, name }) => `${measure}_${name}`),
    ...["nsd_tolerance_mm", "missed", "both_empty"],
  ];
  const lines = rows.map((row) => [
    ...[row.pretraining, row.strategy, row.patients, row.seed, row.test_patients],
    ...measured.map(({ measure, name }) => row[measure]?.[name] ?? null),
    ...[row.nsd_tolerance_mm ?? null, row.missed, row.both_empty ?? null],
  ]);
  return [header, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}
