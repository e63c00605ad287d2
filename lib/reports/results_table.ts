/**
 * The table of a sweep's results.
 *
 * @module
 */
import { mean } from "../evaluators/descriptive.ts";
import type { SweepResult, SweepRow, SweepSummary } from "../experiments/result.ts";
import { diceText } from "./finding.ts";
import { type Html, html } from "./html.ts";
import { strategyName } from "../experiments/setting_name.ts";

/** One line per setting: means over its seeds, the best Dice of each number of patients in bold. */
export function resultsTable({ rows, summary }: Pick<SweepResult, "rows" | "summary">): Html {
  const structures = [...new Set(rows.flatMap((row) => Object.keys(row.dice)))]
    .filter((name) => name !== "mean");
  const lines = summary.map((entry) => {
    const runs = rows.filter((row) =>
      row.pretraining === entry.pretraining && row.strategy === entry.strategy &&
      row.patients === entry.patients
    );
    return resultLine(entry, { runs, structures, best: isBest(entry, summary) });
  });
  return html`
    <div class="scroll" role="region" aria-label="Results by setting" tabindex="0">
      <table>
        <caption>
          Means over seeds, on the same test patients throughout. Dice is ± the sample standard
          deviation over seeds; the best of each number of patients is bold. Distances are in
          millimetres. Missed: structures found in only one of prediction and reference, all seeds
          together.
        </caption>
        <thead>
          <tr>
            <th scope="col">Pretraining</th>
            <th scope="col">Adaptation</th>
            <th scope="col" class="number">Patients</th>
            <th scope="col" class="number">Seeds</th>
            <th scope="col" class="number">Dice</th>
            ${structures.map((name) => html`<th scope="col" class="number">Dice ${name}</th>`)}
            <th scope="col" class="number">HD95</th>
            <th scope="col" class="number">ASSD</th>
            <th scope="col" class="number">Missed</th>
          </tr>
        </thead>
        <tbody>${lines}</tbody>
      </table>
    </div>
  `;
}

function resultLine(
  entry: SweepSummary,
  { runs, structures, best }: { runs: SweepRow[]; structures: string[]; best: boolean },
): Html {
  const dice = best ? html`<strong>${diceText(entry)}</strong>` : diceText(entry);
  const missed = runs.reduce((sum, run) => sum + run.missed, 0);
  const cells = [
    entry.patients,
    entry.n,
    dice,
    ...structures.map((name) => meanText(runs.map((run) => run.dice[name]), 3)),
    meanText(runs.map((run) => run.hd95_mm.mean), 1),
    meanText(runs.map((run) => run.assd_mm.mean), 2),
    missed,
  ];
  return html`
    <tr>
      <td>${entry.pretraining}</td>
      <td>${strategyName(entry.strategy)}</td>
      ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>
  `;
}

function isBest(entry: SweepSummary, summary: readonly SweepSummary[]): boolean {
  const rivals = summary.filter(({ patients }) => patients === entry.patients);
  return rivals.length > 1 && rivals.every(({ dice_mean }) => dice_mean <= entry.dice_mean);
}

function meanText(values: readonly (number | null | undefined)[], digits: number): string {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length ? mean(known).toFixed(digits) : "–";
}
