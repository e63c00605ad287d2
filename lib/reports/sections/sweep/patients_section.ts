/**
 * The test patients one by one: two settings against each other, and where the best one fails.
 *
 * @module
 */
import {
  casesBySetting,
  patientDice,
  type RunCases,
  type SettingCases,
} from "../../../experiments/patient_dice.ts";
import { counted } from "../../../io/text/amounts.ts";
import { settingName } from "../../../experiments/setting_name.ts";
import { mean } from "../../../math/descriptive.ts";
import { type PatientGroup, patientsFigure } from "../../figures.ts";
import { html, plotlyText } from "../../html.ts";
import type { RankedCases, SliceViews } from "../../inputs/report_input.ts";
import { plot, type Section, select } from "../section.ts";
import { worstCasesTable } from "./worst_cases_table.ts";

/** The element of the chart. */
const CHART = "patients-chart";

/**
 * The section of the test patients; none where no run's metrics by patient are at hand.
 *
 * @param ranked the scans of the best run; none where there are no runs.
 * @param slices what the slice browser has: the worst cases link to it.
 */
export function patientsSection(
  runs: readonly RunCases[],
  { ranked, slices }: { ranked: RankedCases | undefined; slices: SliceViews },
): Section[] {
  if (!ranked) return [];
  const settings = casesBySetting(runs);
  const scatter = settings.length > 1 ? scatterOf(settings) : undefined;
  return [{
    id: "patients",
    title: "Test patients",
    content: html`${scatter?.content ?? ""}${worstCasesTable(ranked, slices)}`,
    figures: scatter?.figures,
    data: scatter?.data,
  }];
}

/** The chart of two settings, which are chosen in the page. */
function scatterOf(
  settings: readonly SettingCases[],
): Pick<Section, "content" | "figures" | "data"> {
  const names = settings.map(({ setting }) =>
    `${settingName(setting)}, ${counted(setting.patients, "patient")}`
  );
  const groups = patientsByGroup(settings);
  const dice = settings.map(({ runs }) => {
    const all = patientDice(runs);
    return groups.map(({ patients }) => patients.map((patient) => round(all.get(patient)!)));
  });
  const [across, up] = firstPair(settings);
  const shown = groups.map((group, i): PatientGroup => ({
    ...group,
    across: dice[across][i],
    up: dice[up][i],
  }));
  const choice = (id: string, label: string, chosen: number) =>
    select(id, { label, options: names, chosen });
  return {
    content: html`
      <p>
        Each point is a test patient, its Dice the mean over structures, scans and seeds. Above the
        dotted line lie patients that the second model segments better.
      </p>
      <div class="controls">
        ${choice("patients-across", "Across", across)} ${choice("patients-up", "Up", up)}
      </div>
      <figure class="chart">${plot(CHART, "Dice of each test patient with two models")}</figure>
      <output id="patients-state" aria-live="polite"></output>
    `,
    figures: { [CHART]: patientsFigure(shown, [names[across], names[up]]) },
    data: {
      patients: {
        chart: CHART,
        settings: names.map((name, i) => ({ name, label: plotlyText(name), dice: dice[i] })),
      },
    },
  };
}

/** The patients that every setting was tested on. */
function patientsByGroup(
  settings: readonly SettingCases[],
): Pick<PatientGroup, "group" | "patients">[] {
  const tested = settings.map(({ runs }) => patientDice(runs));
  const cases = settings[0].runs[0].cases
    .filter(({ patient }) => tested.every((dice) => dice.has(patient)));
  return [...Map.groupBy(cases, ({ group }) => group)].map(([group, of]) => ({
    group,
    patients: [...new Set(of.map(({ patient }) => patient))],
  }));
}

/** Scratch and the best other setting, both with the fewest patients; else the first two. */
function firstPair(settings: readonly SettingCases[]): [number, number] {
  const fewest = Math.min(...settings.map(({ setting }) => setting.patients));
  const dice = settings.map(({ runs }) => mean([...patientDice(runs).values()]));
  const at = [...settings.keys()].filter((i) => settings[i].setting.patients === fewest);
  const scratch = at.find((i) => settings[i].setting.strategy === "scratch");
  const [best] = at.filter((i) => i !== scratch).sort((a, b) => dice[b] - dice[a]);
  return scratch === undefined || best === undefined ? [0, 1] : [scratch, best];
}

function round(dice: number): number {
  return Math.round(1000 * dice) / 1000;
}
