/**
 * The page of an adaptation: what is known of how good its masks are, by patients who were held out.
 *
 * @module
 */
import { join } from "node:path";
import { counted } from "../io/text/amounts.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import type { AdaptationInput } from "./inputs/adaptation_input.ts";
import { renderPage } from "./page_shell.ts";
import { heldOutSections, knownLead } from "./sections/adaptation_sections.ts";
import { madeSection } from "./sections/origin.ts";
import { pageHead } from "./sections/page_head.ts";
import { slicesSection } from "./sections/slice_browser.ts";

/** Renders the page as one HTML file. */
export function renderAdaptation(input: AdaptationInput): string {
  const { dataset, label, labelled, structures, summary, slices, config, environment } = input;
  const about =
    "Slices of patients who were held out, at the scans' own resolution, cut to where " +
    `something is outlined; the scan of median Dice comes first. ${input.shown}`;
  const { results, scans, validation } = heldOutSections(input, slices);
  const sections = [
    ...[results, scans],
    ...slicesSection(slices, structures, { title: "Slices", about }),
    ...validation,
    madeSection(config, environment),
  ];
  const title = `${label} on ${dataset}`;
  const header = pageHead({
    title,
    subtitle: [
      counted(labelled, "labelled patient"),
      `${counted(summary.patients, "patient")} held out`,
      structures.map(({ name }) => name).join(", "),
    ],
    warnings: summary.warnings ?? [],
    lead: knownLead(input),
    sections,
  });
  return renderPage({ title, header, sections });
}

/** Writes `report.html` into the folder of an adaptation's run. */
export async function writeAdaptationReport(out: string, input: AdaptationInput): Promise<void> {
  await writeFileAtomically(join(out, "report.html"), renderAdaptation(input));
}
