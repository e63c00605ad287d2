/**
 * The parts of an adaptation's page.
 *
 * @module
 */
import type { PatientDice } from "../../experiments/patient_dice.ts";
import { type Html, html } from "../html.ts";
import type { AdaptationInput } from "../inputs/adaptation_input.ts";
import type { SliceViews } from "../inputs/report_input.ts";
import { validationSection } from "./charts.ts";
import { scansSection, structuresSection } from "./evaluation_sections.ts";
import { descriptionList, type Section } from "./section.ts";

/** What is known of the masks, in words and in large. */
export function knownLead({ known, patientDice }: AdaptationInput): Html {
  const { structures, ...mean } = patientDice;
  const several = Object.keys(structures).length > 1 ? Object.entries(structures) : [];
  return html`
    <p class="finding">${sentence(known)}</p>
    ${descriptionList("facts", [
      ["Dice over patients", spreadText(mean)],
      ...several.map(([name, of]): [string, string] => [`Dice of ${name}`, spreadText(of)]),
    ])}
  `;
}

/** What was measured of the patients who were held out. */
export function heldOutSections(
  { summary, cases, csv, validationCurves }: AdaptationInput,
  slices: SliceViews,
): { results: Section; scans: Section; validation: Section[] } {
  return {
    results: structuresSection(summary),
    scans: scansSection(cases, { slices, csv }),
    validation: validationSection(validationCurves),
  };
}

/** The mean over patients and, of several, its sample standard deviation. */
export function spreadText({ mean, sd, patients }: PatientDice): string {
  if (mean === null || sd === null) return "–";
  return patients > 1 ? `${mean.toFixed(3)} ± ${sd.toFixed(3)}` : mean.toFixed(3);
}

/** Words as a sentence. */
export function sentence(words: string): string {
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}
