/**
 * The parts of an evaluation's page.
 *
 * @module
 */
import type { EvaluationSummary, StructureSummary } from "../../evaluators/summary.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import { counted } from "../../io/text/amounts.ts";
import { type Html, html } from "../html.ts";
import { rankedScans } from "../ranked_cases.ts";
import { scanTitle, type SliceViews } from "../inputs/report_input.ts";
import { casesTable } from "./cases_table.ts";
import { csvButton, descriptionList, numbers, type Section, table } from "./section.ts";

/** Scans that a page lists at most. */
const MOST_LINES = 1000;

/** The means in large. */
export function evaluationFacts({ mean, nsd_tolerance_mm }: EvaluationSummary): Html {
  return descriptionList("facts", [
    ["Mean Dice", digits(mean.dice, 3)],
    ["Mean HD95", `${digits(mean.hd95_mm, 1)} mm`],
    ["Mean ASSD", `${digits(mean.assd_mm, 2)} mm`],
    [`Mean NSD at ${nsd_tolerance_mm} mm`, digits(mean.nsd, 3)],
  ]);
}

/** One line per structure. */
export function structuresSection(summary: EvaluationSummary): Section {
  const lines = Object.entries(summary.structures).map(([name, of]) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        ${structureCells(of).map((cell) => html`<td class="number">${cell}</td>`)}
      </tr>
    `
  );
  const caption = html`
    Means over the scans, measured in 3D on their own grids; Dice ± the sample standard deviation over
    them. Missed: found in only one of prediction and reference, which
    counts as Dice 0 and the scan's diagonal; empty: in neither, which no mean counts.
  `;
  const heads = [
    { name: "Structure" },
    ...numbers(["Dice", "HD95, mm", "ASSD, mm", "NSD", "Missed", "Empty", "Scans"]),
  ];
  const content = table("Results by structure", { heads, lines, caption });
  return { id: "results", title: "Results", content };
}

function structureCells(of: StructureSummary): string[] {
  const { dice, dice_sd, hd95_mm, assd_mm, nsd, missed, both_empty, volumes } = of;
  const spread = dice === null || dice_sd === null ? "" : ` ± ${dice_sd.toFixed(3)}`;
  return [
    `${digits(dice, 3)}${spread}`,
    ...[digits(hd95_mm, 1), digits(assd_mm, 2), digits(nsd, 3)],
    ...[missed, both_empty, volumes].map(String),
  ];
}

/** One line per scan, that of lowest Dice first, and the button that saves `metrics.csv`. */
export function scansSection(
  cases: readonly CaseMetrics[],
  { slices, csv }: { slices: SliceViews; csv: string },
): Section {
  const ranked = rankedScans(cases);
  const left = ranked.length - MOST_LINES;
  const caption = html`
    The scans by their Dice, the lowest first. HD95 is the largest of the structures';
    volumes are what was found / what the reference has. Missed: found in only one of both.${left >
        0
      ? ` ${counted(left, "scan")} of higher Dice are left out here, and are in metrics.csv.`
      : ""}
  `;
  const shownAt = (title: string) => {
    const scan = slices.scans.findIndex((view) => scanTitle(view) === title);
    return scan < 0 ? undefined : { scan, model: 0 };
  };
  const scans = ranked.slice(0, MOST_LINES);
  const content = html`
    ${casesTable("Results by scan", { scans, shownAt, volumes: true, caption })}
    ${csvButton("scans-csv", "Every structure of every scan as CSV")}
  `;
  return {
    id: "scans",
    title: "Scans",
    content,
    tables: { "scans-csv": { name: "metrics.csv", text: csv } },
  };
}

function digits(value: number | null, count: number): string {
  return value?.toFixed(count) ?? "–";
}
