/**
 * The table of the scans that a sweep's best model segments worst.
 *
 * @module
 */
import { counted } from "../../../io/text/amounts.ts";
import { settingName } from "../../../experiments/setting_name.ts";
import { type Html, html } from "../../html.ts";
import { modelName } from "../../model_name.ts";
import { worstOf } from "../../ranked_cases.ts";
import { type RankedCases, scanTitle, type SliceViews } from "../../inputs/report_input.ts";
import { casesTable } from "../cases_table.ts";

/** The worst cases, with links to what the slice browser has of them. */
export function worstCasesTable(ranked: RankedCases, slices: SliceViews): Html {
  const { run } = ranked;
  const { name, group } = modelName(run);
  const model = slices.models.findIndex((of) => of.name === name && of.group === group);
  const best = `${settingName(run)}, ${counted(run.patients, "patient")}, seed ${run.seed}`;
  const caption = html`
    The scans of lowest Dice of the best model on fewest patients: ${best}. HD95 is the largest of the
    structures'. Missed: found in only one of prediction and reference.
  `;
  const shownAt = (title: string) => {
    const scan = slices.scans.findIndex((view) => scanTitle(view) === title);
    return scan >= 0 && model >= 0 ? { scan, model } : undefined;
  };
  const content = casesTable("Worst cases", { scans: worstOf(ranked), shownAt, caption });
  return html`<h3>Worst cases</h3>${content}`;
}
