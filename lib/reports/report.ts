/**
 * The report of a sweep: one page that opens anywhere, without a network.
 *
 * @module
 */
import { createHash } from "node:crypto";
import plotly from "plotly.js-cartesian-dist-min/plotly-cartesian.min.js" with { type: "text" };
import { compareWithScratch } from "../experiments/patient_dice.ts";
import { rankedCases } from "./ranked_cases.ts";
import { efficiencySection, qualitySection, trainingSection } from "./sections/charts.ts";
import { featuresSection } from "./sections/feature_explorer.ts";
import { pageHeader } from "./sections/header.ts";
import { html, render, scriptJson, trusted } from "./html.ts";
import { originSections } from "./sections/origin.ts";
import type { PageData, SectionData } from "./page_data.ts";
import pageScript from "./page/bundle.txt" with { type: "text" };
import pictures from "./page/pictures.css" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import type { ReportInput } from "./report_input.ts";
import { patientsSection } from "./sections/patients_section.ts";
import { resultsSection } from "./sections/results_table.ts";
import { renderSection, type Section } from "./sections/section.ts";
import { slicesSection } from "./sections/slice_browser.ts";

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
  return render(html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy([plotly, pageScript])}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${trusted(pictures + style)}</style>
      </head>
      <body>
        ${pageHeader({ title, result, cases, sections })}
        <main>${sections.map(renderSection)}</main>
        <script type="application/json" id="report-data">${scriptJson(embedded(sections))}</script>
        <script>${trusted(plotly)}</script>
        <script type="module">${trusted(pageScript)}</script>
      </body>
    </html>
  `);
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
    resultsSection(result, compareWithScratch(cases)),
    ...patientsSection(cases, { ranked, slices }),
    ...slicesSection(slices, data.structures, { title: "Test slices", about: ABOUT_SLICES }),
    ...featuresSection(features, data.structures),
    ...qualitySection(input.qualityCurves),
    ...trainingSection(input.trainingCurves),
    ...originSections({ ...input, config: result.config }),
  ];
}

/** What the page's script reads: the figures and data of all sections. */
function embedded(sections: readonly Section[]): PageData {
  const figures = sections.map(({ figures }) => figures ?? {});
  const data = sections.map(({ data }) => data ?? {});
  return { figures: merged(figures), ...merged<SectionData>(data) };
}

function merged<T extends object>(parts: readonly T[]): T {
  return parts.reduce((all, part) => ({ ...all, ...part }));
}

/** Nothing is loaded from anywhere; the scripts named are the only ones that run. */
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) =>
    `'sha256-${createHash("sha256").update(script).digest("base64")}'`
  );
  return `default-src 'none'; script-src ${hashes.join(" ")}; ` +
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";
}
