/**
 * The report of a sweep that has run.
 *
 * @module
 */
import { join } from "node:path";
import { writeFileAtomically } from "../io/write_file.ts";
import { type FinishedSweep, gatherReport } from "./gather/gather_report.ts";
import { renderReport } from "./report.ts";
import type { ReportEnvironment } from "./inputs/report_input.ts";

/**
 * Writes `report.html` into a sweep's folder.
 *
 * @returns its path.
 */
export async function writeSweepReport(
  sweep: FinishedSweep,
  options: { title: string; environment: ReportEnvironment },
): Promise<string> {
  const path = join(sweep.out, "report.html");
  await writeFileAtomically(path, renderReport(await gatherReport(sweep, options)));
  return path;
}
