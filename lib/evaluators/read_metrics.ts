/**
 * Reading back the metrics that an evaluation wrote.
 *
 * @module
 */
import { textOfCell } from "../io/text/csv_cell.ts";
import { parseTable } from "../io/text/parse_table.ts";
import type { CaseMetrics } from "./segmentation.ts";

/**
 * Parses what `metricsCsv` writes; an empty cell is null. Where both masks were empty, an older file
 * has a Dice of 1 beside distances that are empty: it is null too.
 */
export function parseMetricsCsv(text: string): CaseMetrics[] {
  return parseTable(text, ",").map((row) => ({
    patient: textOfCell(row.patient),
    group: textOfCell(row.group),
    phase: textOfCell(row.phase),
    structure: textOfCell(row.structure),
    dice: row.assd_mm === "" ? null : Number(row.dice),
    hausdorff_mm: numberOf(row.hausdorff_mm),
    hd95_mm: numberOf(row.hd95_mm),
    assd_mm: numberOf(row.assd_mm),
    nsd: numberOf(row.nsd),
    missed: row.missed === "true",
    volume_ml: Number(row.volume_ml),
    reference_volume_ml: Number(row.reference_volume_ml),
  }));
}

/** A cell's number; null where there is none, as in a column that an older file lacks. */
function numberOf(cell: string | undefined): number | null {
  return cell === undefined || cell === "" ? null : Number(cell);
}
