/**
 * The report of a sweep: one page that opens anywhere, without a network.
 *
 * @module
 */
import { compareWithScratch } from "../experiments/patient_dice.ts";
import { rankedCases } from "./ranked_cases.ts";
import { efficiencySection, qualitySection, trainingSection } from "./sections/charts.ts";
import { featuresSection } from "./sections/feature_explorer.ts";
import { pageHeader } from "./sections/sweep/header.ts";
import { originSections } from "./sections/origin.ts";
import { renderPage } from "./page_shell.ts";
import type { ReportInput } from "./inputs/report_input.ts";
import { patientsSection } from "./sections/sweep/patients_section.ts";
import { resultsSection } from "./sections/sweep/results_table.ts";
import type { Section } from "./sections/section.ts";
import { slicesSection } from "./sections/slice_browser.ts";
import { tuningSection } from "./sections/sweep/tuning_section.ts";

/**
 * Renders a report as one HTML file that holds its charts, images, style and scripts. A content
 * security policy forbids it to load anything, and to run any script but its own two.
 *
 * @throws {RangeError} If the result has no rows, or an image or label map has the wrong size.
 */
export function renderReport(input: ReportInput): string {
  const { title, result, cases } = input;
  if (result.rows.length === 0) {
    throw new RangeError("Expected a result with at least one row to report, found none");
  }
  const sections = reportSections(input);
  return renderPage({ title, header: pageHeader({ title, result, cases, sections }), sections });
}

/** What the slices of a sweep are. */
const ABOUT_SLICES =
  "Slices of test patients: of some of each group, of those of whom the best model's masks are " +
  "worst, and first of the scan of median Dice. Below each model, trained with the first seed, " +
  "stands its mean Dice in the slice that is shown, over the structures in it.";

function reportSections(input: ReportInput): Section[] {
  const { result, cases, slices, features, data } = input;
  const ranked = cases.length ? rankedCases(cases) : undefined;
  return [
    efficiencySection(result),
    resultsSection(result, compareWithScratch(cases), input.durations),
    ...tuningSection(input.tuning),
    ...patientsSection(cases, { ranked, slices }),
    ...slicesSection(slices, data.structures, { title: "Test slices", about: ABOUT_SLICES }),
    ...featuresSection(features, data.structures),
    ...qualitySection(input.qualityCurves),
    ...trainingSection(input.trainingCurves),
    ...originSections({ ...input, config: result.config }),
  ];
}
