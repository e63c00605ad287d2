/**
 * The table of a sweep's results.
 *
 * @module
 */
import { meanOfKnown } from "../../../math/descriptive.ts";
import type { ScratchComparison } from "../../../experiments/patient_dice.ts";
import type {
  SweepResult,
  SweepRow,
  SweepSetting,
  SweepSummary,
} from "../../../experiments/result.ts";
import { diceText, isMeasured, signed } from "./finding.ts";
import { type Html, html } from "../../html.ts";
import type { TrainingDuration } from "../../inputs/report_input.ts";
import { rowsCsv } from "../../../experiments/rows_csv.ts";
import { settingName } from "../../../experiments/setting_name.ts";
import { csvButton, numbers, type Section, table } from "../section.ts";

/**
 * One line per setting: means over its seeds, the best Dice of each number of patients in bold, and
 * the comparisons with training from scratch, marked where they are significant.
 */
export function resultsSection(
  { rows, summary }: Pick<SweepResult, "rows" | "summary">,
  comparisons: readonly ScratchComparison[],
  durations: readonly TrainingDuration[],
): Section {
  const structures = [...new Set(rows.flatMap((row) => Object.keys(row.dice)))]
    .filter((name) => name !== "mean");
  const lines = summary.map((entry) => {
    const runs = rows.filter((row) =>
      row.pretraining === entry.pretraining && row.strategy === entry.strategy &&
      row.patients === entry.patients
    );
    return resultLine(entry, {
      runs,
      structures,
      best: isBest(entry, summary),
      scratch: scratchOf(entry, summary),
      comparison: comparisons.find((other) => isSame(entry, other)),
      minutes: durations.filter(({ name, patients }) =>
        name === settingName(entry) && patients === entry.patients
      ).map(({ minutes }) => minutes),
    });
  });
  const caption = html`
    Means over seeds, on the same test patients throughout. Dice is ± the sample standard deviation
    over seeds; the best of each number of patients is bold. Gain: difference of Dice to training from
    scratch on as many patients, with p of the two-sided Wilcoxon signed-rank test over the test
    patients, seeds averaged, Holm-corrected for all lines of the table: * below 0.05, ** below 0.01,
    *** below 0.001. After that the Dice of each structure. ${tolerancesText(
      rows,
    )}Missed: structures found in only one of prediction and
    reference; empty: in neither, which no mean counts; all seeds together. Minutes: an adaptation with
    its test, on the machine and beside whatever else ran there${pretrainingText(durations)}.
  `;
  const means = numbers([
    ...structures,
    "HD95, mm",
    "ASSD, mm",
    "NSD",
    "Missed",
    "Empty",
    "Seeds",
    "Minutes",
  ]);
  const heads = [
    { name: "Model" },
    ...numbers(["Patients", "Dice", "Gain"]),
    { name: "p" },
    ...means,
  ];
  const content = html`
    ${table("Results by setting", { heads, lines, caption })}
    ${csvButton("results-csv", "Every run as CSV")}
  `;
  const csv = { name: "result.csv", text: rowsCsv(rows) };
  return { id: "results", title: "Results", content, tables: { "results-csv": csv } };
}

/** What a line says beside its setting's means. */
interface Line {
  runs: readonly SweepRow[];
  structures: readonly string[];
  best: boolean;
  scratch?: SweepSummary;
  comparison?: ScratchComparison;
  minutes: readonly number[];
}

function resultLine(
  entry: SweepSummary,
  { runs, structures, best, scratch, comparison, minutes }: Line,
): Html {
  const dice = best ? html`<strong>${diceText(entry)}</strong>` : diceText(entry);
  const missed = runs.reduce((sum, run) => sum + run.missed, 0);
  const empty = runs.map((run) => run.both_empty).filter((times) => times !== undefined);
  const gain = scratch && isMeasured(scratch) && isMeasured(entry)
    ? signed(entry.dice_mean - scratch.dice_mean)
    : "–";
  const cells = [
    ...structures.map((name) => meanText(runs.map((run) => run.dice[name]), 3)),
    meanText(runs.map((run) => run.hd95_mm.mean), 1),
    meanText(runs.map((run) => run.assd_mm.mean), 2),
    meanText(runs.map((run) => run.nsd?.mean), 3),
    missed,
    empty.length > 0 ? empty.reduce((sum, times) => sum + times, 0) : "–",
    entry.n,
    meanText(minutes, 1),
  ];
  return html`
    <tr>
      <th scope="row">${settingName(entry)}</th>
      ${[entry.patients, dice, gain].map((cell) => html`<td class="number">${cell}</td>`)}
      <td>${comparison ? pText(comparison.p) : "–"}</td>
      ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>
  `;
}

/** Training from scratch on as many patients; none where that is the entry itself. */
function scratchOf(
  entry: SweepSummary,
  summary: readonly SweepSummary[],
): SweepSummary | undefined {
  const scratch = summary.find(({ pretraining, strategy, patients }) =>
    pretraining === "none" && strategy === "scratch" && patients === entry.patients
  );
  return scratch === entry ? undefined : scratch;
}

function isSame(a: SweepSetting, b: SweepSetting): boolean {
  return a.pretraining === b.pretraining && a.strategy === b.strategy && a.patients === b.patients;
}

/** A p-value with its mark. */
function pText(p: number): string {
  const mark = "*".repeat([0.05, 0.01, 0.001].filter((limit) => p < limit).length);
  return `${p < 0.001 ? "< 0.001" : p.toFixed(3)} ${mark}`.trim();
}

function isBest(entry: SweepSummary, summary: readonly SweepSummary[]): boolean {
  if (!isMeasured(entry)) return false;
  const rivals = summary.filter(isMeasured).filter(({ patients }) => patients === entry.patients);
  return rivals.length > 1 && rivals.every(({ dice_mean }) => dice_mean <= entry.dice_mean);
}

function meanText(values: readonly (number | null | undefined)[], digits: number): string {
  return meanOfKnown(values)?.toFixed(digits) ?? "–";
}

/** "; pretraining took before: auto 8.2", or nothing where no pretraining tells. */
function pretrainingText(durations: readonly TrainingDuration[]): string {
  const told = durations.filter(({ patients }) => patients === undefined)
    .map(({ name, minutes }) => `${name} ${minutes.toFixed(1)}`);
  return told.length > 0 ? `; pretraining took before: ${told.join(", ")}` : "";
}

/** " of 2", or nothing where no row has one. */
function tolerancesText(rows: readonly SweepRow[]): string {
  const tolerances = new Set(rows.flatMap((row) => row.nsd_tolerance_mm ?? []));
  return tolerances.size > 0 ? `NSD is at a tolerance of ${[...tolerances].join(", ")} mm. ` : "";
}
