/**
 * The page of a whole way, from scans to masks: the masks to skim through, and what folds tell of how
 * good they are.
 *
 * @module
 */
import { join } from "node:path";
import { counted } from "../io/text/amounts.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import type { SliceViews } from "./inputs/report_input.ts";
import type { RunInput } from "./inputs/run_input.ts";
import { renderPage } from "./page_shell.ts";
import { heldOutSections, sentence } from "./sections/adaptation_sections.ts";
import { comparedSection } from "./sections/compared_section.ts";
import { madeSection } from "./sections/origin.ts";
import { pageHead } from "./sections/page_head.ts";
import { masksSection, predictionFacts } from "./sections/prediction_sections.ts";
import type { Section } from "./sections/section.ts";
import { slicesSection } from "./sections/slice_browser.ts";
import { type Html, html } from "./html.ts";

/**
 * Renders the page as one HTML file.
 *
 * @throws {TypeError} if there is neither an adaptation nor a prediction to show.
 */
export function renderRun(input: RunInput): string {
  const { dataset, adaptation, prediction } = input;
  const shown = prediction ?? adaptation;
  if (!shown) throw new TypeError("expected masks or held-out patients to show, found neither");
  // The adaptation tells when its run began and ended, too.
  const made = adaptation ?? shown;
  const sections = runSections(input, madeSection(made.config, made.environment));
  const title = `Masks of ${dataset}`;
  const header = pageHead({
    title,
    subtitle: [
      ...prediction ? [`${counted(prediction.masks.length, "mask")}`] : [],
      ...adaptation ? [counted(adaptation.labelled, "labelled patient")] : [],
      shown.structures.map(({ name }) => name).join(", "),
    ],
    warnings: [...adaptation?.summary.warnings ?? [], ...prediction?.warnings ?? []],
    lead: lead(input),
    sections,
  });
  return renderPage({ title, header, sections });
}

/** Writes `report.html` into the folder of the whole way. */
export async function writeRunReport(out: string, input: RunInput): Promise<void> {
  await writeFileAtomically(join(out, "report.html"), renderRun(input));
}

function lead({ known, prediction }: RunInput): Html {
  return html`
    <p class="finding">${sentence(known)}</p>
    ${prediction ? predictionFacts(prediction) : ""}
  `;
}

function runSections(
  { compared, adaptation, prediction }: RunInput,
  made: Section,
): Section[] {
  const slices = joinedSlices(prediction?.slices, adaptation?.slices);
  const { structures } = (prediction ?? adaptation)!;
  const held = adaptation && heldOutSections(adaptation, slices);
  return [
    ...slicesSection(slices, structures, {
      ...{ title: "Slices", about: aboutSlices({ adaptation, prediction }), gallery: true },
    }),
    ...prediction ? [masksSection({ ...prediction, slices })] : [],
    ...comparedSection(compared),
    ...held ? [held.results, held.scans, ...held.validation] : [],
    made,
  ];
}

/** What is shown first, and what then. */
function aboutSlices(
  { adaptation, prediction }: Pick<RunInput, "adaptation" | "prediction">,
): string {
  const measured = "labelled patients, each segmented by a model that had not seen their masks";
  const once = prediction?.shown === adaptation?.shown;
  return [
    "Slices at the scans' own resolution, cut to where something is outlined.",
    ...prediction ? ["First the masks of scans that had none, the doubtful before others."] : [],
    ...prediction && !once ? [prediction.shown] : [],
    ...adaptation ? [`${prediction ? "Then" : "They are of"} the ${measured}.`] : [],
    ...adaptation ? [adaptation.shown] : [],
  ].join(" ");
}

/** The scans of both in one browser, of one model: what is predicted before what is measured. */
function joinedSlices(...both: (SliceViews | undefined)[]): SliceViews {
  const [first, ...others] = both.filter((views) => views !== undefined);
  return { ...first, scans: [first, ...others].flatMap(({ scans }) => scans) };
}
