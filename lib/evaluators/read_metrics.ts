/**
 * Reading back the metrics that an evaluation wrote.
 *
 * @module
 */
import { parseTable } from "../data/parse_table.ts";
import type { CaseMetrics } from "./summary.ts";

/** Parses what `metricsCsv` writes; an empty distance is null. */
export function parseMetricsCsv(text: string): CaseMetrics[] {
  return parseTable(text, ",").map((row) => ({
    patient: row.patient,
    group: row.group,
    phase: row.phase,
    structure: row.structure,
    dice: Number(row.dice),
    hausdorff_mm: millimetres(row.hausdorff_mm),
    hd95_mm: millimetres(row.hd95_mm),
    assd_mm: millimetres(row.assd_mm),
    missed: row.missed === "true",
    volume_ml: Number(row.volume_ml),
    reference_volume_ml: Number(row.reference_volume_ml),
  }));
}

function millimetres(cell: string): number | null {
  return cell === "" ? null : Number(cell);
}
