/**
 * The page of predicted masks: to skim through, the doubtful ones first.
 *
 * @module
 */
import { join } from "node:path";
import { counted } from "../io/text/amounts.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import {
  gatherPrediction,
  type PredictedScan,
  type PredictedWith,
} from "./gather/gather_prediction.ts";
import { renderPage } from "./page_shell.ts";
import type { PredictionInput } from "./inputs/prediction_input.ts";
import type { ReportEnvironment } from "./inputs/report_input.ts";
import { madeSection } from "./sections/origin.ts";
import { pageHead } from "./sections/page_head.ts";
import { masksSection, predictionFacts } from "./sections/prediction_sections.ts";
import { slicesSection } from "./sections/slice_browser.ts";

/** Renders the page as one HTML file. */
export function renderPrediction(input: PredictionInput): string {
  const { structures, masks, warnings, slices, shown, config, environment } = input;
  const about = "Slices at the scans' own resolution, cut to where something was found; the most " +
    `doubtful comes first. ${shown}`;
  const sections = [
    ...slicesSection(slices, structures, { title: "Slices", about, gallery: true }),
    masksSection(input),
    madeSection(config, environment),
  ];
  const title = `Masks of ${counted(masks.length, "scan")}`;
  const header = pageHead({
    title,
    subtitle: [structures.map(({ name }) => name).join(", ")],
    warnings,
    lead: predictionFacts(input),
    sections,
  });
  return renderPage({ title, header, sections });
}

/**
 * Writes `report.html` beside predicted masks.
 *
 * @returns what it shows.
 */
export async function writePredictionReport(
  out: string,
  scans: readonly PredictedScan[],
  { environment, ...options }: PredictedWith & { environment: ReportEnvironment },
): Promise<PredictionInput> {
  const input = await gatherPrediction(scans, options, environment);
  await writeFileAtomically(join(out, "report.html"), renderPrediction(input));
  return input;
}
