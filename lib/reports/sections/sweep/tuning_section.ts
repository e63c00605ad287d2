/**
 * The search for the strategies' lengths and rates, as a table.
 *
 * @module
 */
import { settingName } from "../../../experiments/setting_name.ts";
import type { Search, Try, Tuning } from "../../../experiments/tuning/tuning.ts";
import { counted } from "../../../io/text/amounts.ts";
import { meanOfKnown } from "../../../math/descriptive.ts";
import { type Html, html } from "../../html.ts";
import { numbers, type Section, table } from "../section.ts";

/** What a search chose, and all that it tried; nothing where there was none. */
export function tuningSection(tuning?: Tuning): Section[] {
  if (!tuning) return [];
  const { searches, measured } = tuning;
  const tries = Math.max(...searches.map(({ tries }) => tries.length));
  const caption = html`
    Of each model ${tries} settings were tried, the first of them the plan's: adapted to few training
    patients, measured on ${counted(measured.length, "other")}. Those of the greatest mean Dice were
    chosen, and the results above have them. No test patient had a part in it.
  `;
  const content = html`
    ${table("Chosen settings", {
      heads: [
        { name: "Model" },
        ...numbers(["Plan’s Dice", "Chosen Dice", "Try"]),
        { name: "Settings" },
      ],
      lines: searches.map(chosenLine),
      caption,
    })}
    <details>
      <summary>All tries</summary>
      ${triesTable(searches)}
    </details>
  `;
  return [{ id: "tuning", title: "Search for settings", content }];
}

function chosenLine({ tries, chosen, ...setting }: Search): Html {
  const { mean, set } = tries[chosen];
  return html`
    <tr>
      <th scope="row">${settingName(setting)}</th>
      ${[dice(tries[0].mean), dice(mean), chosen + 1].map(numberCell)}
      <td class="wide">${settingsText(set)}</td>
    </tr>
  `;
}

function triesTable(searches: readonly Search[]): Html {
  const counts = [
    ...new Set(
      searches.flatMap(({ tries }) =>
        tries.flatMap(({ dice }) => dice.map(({ patients }) => patients))
      ),
    ),
  ];
  const lines = searches.flatMap(({ tries, chosen, ...setting }) =>
    tries.map((tried, i) => {
      const cells = [...counts.map((patients) => diceOf(tried, patients)), dice(tried.mean)];
      return html`
        <tr>
          <th scope="row">${settingName(setting)}</th>
          ${numberCell(i + 1)}
          <td class="wide">${settingsText(tried.set)}${i === chosen ? " (chosen)" : ""}</td>
          ${cells.map(numberCell)}
        </tr>
      `;
    })
  );
  const heads = [
    { name: "Model" },
    ...numbers(["Try"]),
    { name: "Settings" },
    ...numbers([...counts.map((count) => counted(count, "patient")), "Mean Dice"]),
  ];
  const caption = html`A dash: the training diverged, or there was nothing to measure.`;
  return table("All tries", { heads, lines, caption });
}

/** The mean over the draws of some patients. */
function diceOf({ dice: models }: Try, patients: number): string {
  const of = models.filter((model) => model.patients === patients).map(({ dice }) => dice);
  return dice(of.includes(null) ? null : meanOfKnown(of));
}

function dice(value: number | null): string {
  return value?.toFixed(3) ?? "–";
}

/** Without the part that all have in common. */
function settingsText(set: readonly string[]): string {
  return set.map((change) => change.replace(/^adaptation\./, "")).join(", ");
}

function numberCell(value: string | number): Html {
  return html`<td class="number">${value}</td>`;
}
