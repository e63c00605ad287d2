/**
 * The head of a report: what was found, and where to read on.
 *
 * @module
 */
import type { SweepResult } from "../../../experiments/result.ts";
import { counted } from "../../../io/text/amounts.ts";
import { settingName } from "../../../experiments/setting_name.ts";
import type { RunCases } from "../../../experiments/patient_dice.ts";
import {
  diceText,
  findComparison,
  type Finding,
  findingSentence,
  showsGain,
  signed,
} from "./finding.ts";
import { type Html, html } from "../../html.ts";
import { pageHead } from "../page_head.ts";
import { descriptionList, type Section } from "../section.ts";

/** The title, the key finding with its figures, and links to the sections. */
export function pageHeader(
  { title, result, cases, sections }: {
    title: string;
    result: SweepResult;
    cases: readonly RunCases[];
    sections: readonly Section[];
  },
): Html {
  const finding = findComparison(result.summary, cases);
  const seeds = new Set(result.rows.map((row) => row.seed)).size;
  const tested = Math.max(...result.rows.map((row) => row.test_patients));
  const subtitle = [
    `Dataset ${result.dataset}`,
    counted(result.rows.length, "adapted model"),
    counted(seeds, "seed"),
    counted(tested, "test patient"),
  ];
  return pageHead({
    title,
    subtitle,
    warnings: result.warnings ?? [],
    lead: html`
      <p class="finding">${findingSentence(finding)}</p>
      ${finding ? factList(finding) : ""}
    `,
    sections,
  });
}

/** The figures behind the key finding. */
function factList(finding: Finding): Html {
  const { adapted, scratch } = finding;
  const patients = counted(scratch.patients, "labelled patient");
  return descriptionList("facts", [
    [`Mean Dice: ${settingName(adapted)}, ${patients}`, diceText(adapted)],
    [`Mean Dice: ${settingName(scratch)}, ${patients}`, diceText(scratch)],
    ["Difference in mean Dice", signed(adapted.dice_mean - scratch.dice_mean)],
    ...labelsSaved(finding),
  ]);
}

/** How many labelled patients the pretraining stands for, where it is a gain. */
function labelsSaved(finding: Finding): [string, string][] {
  const { scratch, scratchNeeds, scratchMost } = finding;
  if (!showsGain(finding) || !scratchNeeds) return [];
  const { patients, low, high } = scratchNeeds;
  const told = (count: number) =>
    Number.isFinite(count) ? `${Number(count.toPrecision(2))}` : `more than ${scratchMost}`;
  const term =
    `Labelled patients with which scratch is as good as this with ${scratch.patients}, ` +
    `by its curve (95 % confidence interval ${told(low)} to ${told(high)})`;
  return [[term, told(patients)]];
}
