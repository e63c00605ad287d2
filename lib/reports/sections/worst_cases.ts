/**
 * The scans that a sweep's best model segments worst.
 *
 * @module
 */
import { meanOfKnown } from "../../math/descriptive.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import type { RunCases } from "../../experiments/patient_dice.ts";
import { counted } from "../../io/amounts.ts";
import { settingName } from "../../experiments/setting_name.ts";
import { type Html, html } from "../html.ts";
import { table } from "./section.ts";
import { scanTitle, type SliceViews } from "./slice_browser.ts";

/** Scans in the table. */
const WORST = 10;

/** A scan that a run segmented badly. */
export interface WorstCase {
  /** The patient's id. */
  patient: string;
  /** The patient's group, or "". */
  group: string;
  /** The cardiac phase, or ""; a patient's scans of one phase count as one. */
  phase: string;
  /** The mean Dice over structures that are in prediction or reference. */
  dice: number;
  /** The metrics of its structures. */
  metrics: readonly CaseMetrics[];
}

/** The worst scans of one run. */
export interface WorstCases {
  /** The run. */
  run: Omit<RunCases, "cases">;
  /** Its scans of lowest Dice, the lowest first. */
  scans: readonly WorstCase[];
}

/**
 * The scans of lowest Dice of the best run on the fewest patients with the first seed: its masks are
 * among those that the slice browser has.
 *
 * @param runs one or more, in the order of the plan.
 */
export function worstCases(runs: readonly RunCases[]): WorstCases {
  const fewest = Math.min(...runs.map(({ patients }) => patients));
  const few = runs.filter(({ patients }) => patients === fewest);
  const best = few.filter(({ seed }) => seed === few[0].seed)
    .reduce((a, b) => (meanDice(b.cases) ?? 0) > (meanDice(a.cases) ?? 0) ? b : a);
  const scans = Map.groupBy(best.cases, (metrics) => scanTitle(metrics)).values()
    .flatMap((metrics): WorstCase[] => {
      const { patient, group, phase } = metrics[0];
      const dice = meanDice(metrics);
      return dice === null ? [] : [{ patient, group, phase, metrics, dice }];
    });
  return { run: best, scans: [...scans].sort((a, b) => a.dice - b.dice).slice(0, WORST) };
}

/** Their table, with links to what the slice browser has of them. */
export function worstCasesTable({ run, scans }: WorstCases, slices: SliceViews): Html {
  const model = slices.models.indexOf(settingName(run));
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
        <td>${scan.group || "–"}</td>
        ${[scan.dice.toFixed(3), ...cells, distanceText(scan.metrics)].map((cell) =>
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
  const numbers = ["Dice", ...structures, "HD95"].map((name) => ({ name, number: true }));
  const heads = [{ name: "Scan" }, { name: "Group" }, ...numbers];
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
