/**
 * The parts of the page of predicted masks.
 *
 * @module
 */
import { csvCell } from "../../io/text/csv_cell.ts";
import { counted } from "../../io/text/amounts.ts";
import { percentile } from "../../math/descriptive.ts";
import { type Html, html } from "../html.ts";
import type { DoubtedMask, PredictionInput } from "../inputs/prediction_input.ts";
import { referenceText } from "../doubted_masks.ts";
import { scanTitle } from "../inputs/report_input.ts";
import { millilitres, showButton } from "./cases_table.ts";
import { csvButton, descriptionList, numbers, type Section, table } from "./section.ts";

/** Masks that a page lists at most. */
const MOST_LINES = 1000;

/** What there is, and how much of it to look at. */
export function predictionFacts({ masks }: PredictionInput): Html {
  const suspect = masks.filter(({ reasons }) => reasons.length > 0).length;
  const doubts = masks.flatMap(({ doubt }) => doubt ?? []).sort((a, b) => a - b);
  return descriptionList("facts", [
    ["Masks", `${masks.length}`],
    ["With nothing in them, or with an unusual volume", `${suspect}`],
    ["Median doubt", doubts.length > 0 ? percentile(doubts, 0.5).toFixed(3) : "–"],
  ]);
}

/** One line per mask, the most doubtful first. */
export function masksSection(input: PredictionInput): Section {
  const { masks, structures, slices } = input;
  const shown = slices.scans.map(scanTitle);
  const lines = masks.slice(0, MOST_LINES).map(({ title, doubt, volumes, reasons }) => {
    const scan = shown.indexOf(title);
    return html`
      <tr>
        <th scope="row">${title} ${showButton(
          title,
          scan < 0 ? undefined : { scan, model: 0 },
        )}</th>
        <td class="number">${doubt?.toFixed(3) ?? "–"}</td>
        <td>${reasons.join("; ") || "–"}</td>
        ${volumes.map((volume) => html`<td class="number">${millilitres(volume)}</td>`)}
      </tr>
    `;
  });
  const heads = [
    { name: "Scan" },
    ...numbers(["Doubt"]),
    { name: "Look at" },
    ...numbers(structures.map(({ name }) => `${name}, ml`)),
  ];
  const content = html`
    ${table("Doubt and volumes by scan", { heads, lines, caption: masksCaption(input) })}
    ${csvButton("masks-csv", "Doubt and volumes as CSV")}
  `;
  const csv = { name: "volumes.csv", text: volumesCsv(masks, structures.map(({ name }) => name)) };
  return { id: "masks", title: "Masks", content, tables: { "masks-csv": csv } };
}

/** What the lines are ordered by, and what speaks against a mask. */
function masksCaption({ masks, structures, references }: PredictionInput): Html {
  const left = masks.length - MOST_LINES;
  const known = references
    ? `The model learned from ${counted(references.masks, "reference mask")}: ${
      structures.map(({ label, name }) => `${name} ${referenceText(references, label)}`).join(", ")
    }.`
    : "How large structures were in the masks that the model learned from is not known.";
  return html`
    First those with nothing in them, or with an unusual volume: far from the others' (a modified
    z-score above 3.5, of five masks or more) or far beyond those of the references; then by
    doubt: how far the largest probability is from 1 on average, where the background is less probable
    than 0.9. Doubt orders masks of one model and kind of scan; it is no probability of an error. ${known}${left >
        0
      ? ` ${counted(left, "mask")} of less doubt are left out here, and are in the CSV.`
      : ""}
  `;
}

/** One line per mask as CSV (RFC 4180). */
function volumesCsv(masks: readonly DoubtedMask[], structures: readonly string[]): string {
  const header = ["scan", "doubt", "look_at", ...structures.map((name) => `${name}_ml`)];
  const lines = masks.map(({ title, doubt, volumes, reasons }) => [
    ...[title, doubt, reasons.join("; ")],
    ...volumes,
  ]);
  return [header, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}
