/**
 * Scans with their metrics, a line each.
 *
 * @module
 */
import { meanOfKnown } from "../../math/descriptive.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import { type Html, html } from "../html.ts";
import { type RankedCase, scanTitle } from "../inputs/report_input.ts";
import { numbers, table } from "./section.ts";

/** What a slice browser has of a scan: positions among its scans and models. */
export interface ShownAt {
  /** The scan. */
  scan: number;
  /** The model. */
  model: number;
}

/**
 * A table of scans, with links to what the slice browser has of them.
 *
 * @param shownAt where a scan is shown, by its title; undefined where it is not.
 * @param volumes whether each structure's volumes are told too.
 */
export function casesTable(
  label: string,
  { scans, shownAt, volumes = false, caption }: {
    scans: readonly RankedCase[];
    shownAt: (title: string) => ShownAt | undefined;
    volumes?: boolean;
    caption: Html;
  },
): Html {
  const structures = [...new Set(scans.flatMap(({ metrics }) => metrics.map(structureOf)))];
  const lines = scans.map((scan) => {
    const title = scanTitle(scan);
    const of = structures.map((structure) =>
      scan.metrics.filter((metrics) => structureOf(metrics) === structure)
    );
    const cells = [
      ...of.map(structureText),
      distanceText(scan.metrics),
      ...volumes ? of.map(volumesText) : [],
    ];
    return html`
      <tr>
        <th scope="row">${title} ${showButton(title, shownAt(title))}</th>
        <td class="number">${scan.dice.toFixed(3)}</td>
        <td>${scan.group || "–"}</td>
        ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
      </tr>
    `;
  });
  const heads = [
    { name: "Scan" },
    ...numbers(["Dice"]),
    { name: "Group" },
    ...numbers([...structures, "HD95, mm"]),
    ...numbers(volumes ? structures.map((structure) => `${structure}, ml`) : []),
  ];
  return table(label, { heads, lines, caption });
}

/** The button that shows a scan in the slice browser; nothing where it is not there. */
export function showButton(title: string, shown: ShownAt | undefined): Html | "" {
  if (!shown) return "";
  return html`
    <button
      type="button" data-scan="${shown.scan}" data-model="${shown.model}" aria-label="Show ${title}"
    >Show</button>
  `;
}

function structureText(metrics: readonly CaseMetrics[]): string {
  const dice = meanOfKnown(metrics.map(({ dice }) => dice));
  if (dice === null) return "–";
  return `${dice.toFixed(3)}${metrics.some(({ missed }) => missed) ? " (missed)" : ""}`;
}

function distanceText(metrics: readonly CaseMetrics[]): string {
  const known = metrics.map(({ hd95_mm }) => hd95_mm).filter((mm) => mm !== null);
  return known.length ? Math.max(...known).toFixed(1) : "–";
}

/** Predicted and reference volume; a patient's scans of one phase are averaged, as their Dice is. */
function volumesText(metrics: readonly CaseMetrics[]): string {
  const ours = meanOfKnown(metrics.map(({ volume_ml }) => volume_ml));
  const theirs = meanOfKnown(metrics.map(({ reference_volume_ml }) => reference_volume_ml));
  return `${millilitres(ours)} / ${millilitres(theirs)}`;
}

/** A volume with as many digits as say something; "–" where there is none. */
export function millilitres(volume: number | null): string {
  if (volume === null) return "–";
  return volume >= 100 ? volume.toFixed(0) : `${Number(volume.toPrecision(3))}`;
}

function structureOf({ structure }: CaseMetrics): string {
  return structure;
}
