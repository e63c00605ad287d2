/**
 * The table of the scans that a sweep's best model segments worst.
 *
 * @module
 */
import { meanOfKnown } from "../../math/descriptive.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import { counted } from "../../io/text/amounts.ts";
import { settingName } from "../../experiments/setting_name.ts";
import { type Html, html } from "../html.ts";
import { table } from "./section.ts";
import { worstOf } from "../ranked_cases.ts";
import { modelName } from "../model_name.ts";
import { type RankedCases, scanTitle, type SliceViews } from "../report_input.ts";

/** The worst cases, with links to what the slice browser has of them. */
export function worstCasesTable(ranked: RankedCases, slices: SliceViews): Html {
  const { run } = ranked;
  const scans = worstOf(ranked);
  const { name: ours, group } = modelName(run);
  const model = slices.models.findIndex((of) => of.name === ours && of.group === group);
  const structures = [...new Set(scans.flatMap(({ metrics }) => metrics.map(structureOf)))];
  const lines = scans.map((scan) => {
    const shown = slices.scans.findIndex((view) => scanTitle(view) === scanTitle(scan));
    const link = shown >= 0 && model >= 0 ? showButton(scanTitle(scan), shown, model) : "";
    const cells = structures.map((structure) =>
      structureText(scan.metrics.filter((metrics) => structureOf(metrics) === structure))
    );
    return html`
      <tr>
        <th scope="row">${scanTitle(scan)} ${link}</th>
        <td class="number">${scan.dice.toFixed(3)}</td>
        <td>${scan.group || "–"}</td>
        ${[...cells, distanceText(scan.metrics)].map((cell) =>
          html`<td class="number">${cell}</td>`
        )}
      </tr>
    `;
  });
  const name = `${settingName(run)}, ${counted(run.patients, "patient")}, seed ${run.seed}`;
  const caption = html`
    The scans of lowest Dice of the best model on fewest patients: ${name}. HD95 is the largest of the
    structures', in millimetres. Missed: found in only one of prediction and reference.
  `;
  const numbers = (names: readonly string[]) => names.map((name) => ({ name, number: true }));
  const heads = [
    { name: "Scan" },
    ...numbers(["Dice"]),
    { name: "Group" },
    ...numbers([...structures, "HD95"]),
  ];
  return html`<h3>Worst cases</h3>${table("Worst cases", { heads, lines, caption })}`;
}

function showButton(title: string, scan: number, model: number): Html {
  return html`
    <button type="button" data-scan="${scan}" data-model="${model}" aria-label="Show ${title}"
    >Show</button>
  `;
}

function structureText(metrics: readonly CaseMetrics[]): string {
  const dice = meanDice(metrics);
  if (dice === null) return "–";
  return `${dice.toFixed(3)}${metrics.some(({ missed }) => missed) ? " (missed)" : ""}`;
}

function distanceText(metrics: readonly CaseMetrics[]): string {
  const known = metrics.map(({ hd95_mm }) => hd95_mm).filter((mm) => mm !== null);
  return known.length ? Math.max(...known).toFixed(1) : "–";
}

function meanDice(metrics: readonly CaseMetrics[]): number | null {
  return meanOfKnown(metrics.map(({ dice }) => dice));
}

function structureOf({ structure }: CaseMetrics): string {
  return structure;
}
