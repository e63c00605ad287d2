/**
 * The ways to adapt that folds compared.
 *
 * @module
 */
import { html } from "../html.ts";
import type { ComparedWay } from "../inputs/run_input.ts";
import { spreadText } from "./adaptation_sections.ts";
import { numbers, type Section, table } from "./section.ts";

/** One line per way; none where nothing was compared. */
export function comparedSection(ways: readonly ComparedWay[]): Section[] {
  if (ways.length === 0) return [];
  const structures = Object.keys(ways[0].dice.structures);
  const lines = ways.map(({ label, dice, kept }) => {
    const cells = [dice, ...structures.map((name) => dice.structures[name])].map(spreadText);
    return html`
      <tr>
        <th scope="row">${label}</th>
        ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
        <td>${kept ? "kept" : "–"}</td>
      </tr>
    `;
  });
  const caption = html`
    Dice over the labelled patients, mean ± sample standard deviation, each segmented by a model that had
    not seen their masks. The way of higher mean is kept: of ways that are close, that is partly luck,
    and its Dice a little too good.
  `;
  const heads = [
    { name: "Way" },
    ...numbers(["Dice", ...structures]),
    { name: "Model" },
  ];
  const content = table("Dice of each way to adapt", { heads, lines, caption });
  return [{ id: "compared", title: "Ways to adapt", content }];
}
