/**
 * The page of an evaluation: how good a model's masks of the test patients are, and how they look.
 *
 * @module
 */
import { join } from "node:path";
import { counted } from "../io/text/amounts.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import type { EvaluationInput } from "./inputs/evaluation_input.ts";
import { type FinishedEvaluation, gatherEvaluation } from "./gather/gather_evaluation.ts";
import { renderPage } from "./page_shell.ts";
import type { ReportEnvironment } from "./inputs/report_input.ts";
import {
  evaluationFacts,
  scansSection,
  structuresSection,
} from "./sections/evaluation_sections.ts";
import { madeSection } from "./sections/origin.ts";
import { pageHead } from "./sections/page_head.ts";
import { slicesSection } from "./sections/slice_browser.ts";

/** Renders the page as one HTML file. */
export function renderEvaluation(input: EvaluationInput): string {
  const { dataset, structures, summary, cases, csv, slices, shown, config, environment } = input;
  const about =
    "Slices at the scans' own resolution, cut to where something is outlined; the scan " +
    `of median Dice comes first. ${shown}`;
  const sections = [
    structuresSection(summary),
    scansSection(cases, { slices, csv }),
    ...slicesSection(slices, structures, { title: "Slices", about }),
    madeSection(config, environment),
  ];
  const title = `Evaluation on ${dataset}`;
  const header = pageHead({
    title,
    subtitle: [
      counted(summary.patients, "test patient"),
      structures.map(({ name }) => name).join(", "),
    ],
    warnings: summary.warnings ?? [],
    lead: evaluationFacts(summary),
    sections,
  });
  return renderPage({ title, header, sections });
}

/**
 * Writes `report.html` beside the metrics of an evaluation.
 *
 * @param out the folder that `makeEvaluation` wrote to.
 */
export async function writeEvaluationReport(
  out: string,
  evaluation: FinishedEvaluation,
  environment: ReportEnvironment,
): Promise<void> {
  const input = await gatherEvaluation(out, evaluation, environment);
  await writeFileAtomically(join(out, "report.html"), renderEvaluation(input));
}
