/**
 * The test patients one by one: two settings against each other, and where the best one fails.
 *
 * @module
 */
import type { RunCases, SettingCases } from "../experiments/patient_dice.ts";
import { casesBySetting, patientDice } from "../experiments/patient_dice.ts";
import { counted, settingName } from "../experiments/setting_name.ts";
import { mean } from "../evaluators/descriptive.ts";
import type { CaseMetrics } from "../evaluators/summary.ts";
import { type PatientGroup, patientsFigure } from "./figures.ts";
import { type Html, html, plotlyText } from "./html.ts";
import { plot, type Section, select, table } from "./section.ts";
import { scanTitle, type SliceViews } from "./slice_browser.ts";

/** Scans in the table of worst cases. */
const WORST = 10;

/** The element of the chart. */
const CHART = "patients-chart";

/**
 * The section of the test patients; none where no run's metrics by patient are at hand.
 *
 * @param slices what the slice browser has: the worst cases link to it.
 */
export function patientsSection(runs: readonly RunCases[], slices: SliceViews): Section[] {
  const settings = casesBySetting(runs);
  if (settings.length === 0) return [];
  const scatter = settings.length > 1 ? scatterOf(settings) : undefined;
  const worst = worstCases(runs);
  return [{
    id: "patients",
    title: "Test patients",
    content: html`${scatter?.content ?? ""}${worstTable(worst, slices)}`,
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
    ...{ ...group, across: dice[across][i], up: dice[up][i] },
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
      chart: CHART,
      settings: names.map((name, i) => ({ name, label: plotlyText(name), dice: dice[i] })),
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

/** A scan that a run segmented badly. */
interface WorstCase {
  patient: string;
  group: string;
  phase: string;
  /** The mean over structures. */
  dice: number;
  /** One record per structure. */
  structures: readonly CaseMetrics[];
}

/** The worst scans of one run. */
export interface WorstCases {
  /** The run. */
  run: Omit<RunCases, "cases">;
  /** Its scans of lowest Dice, the lowest first. */
  scans: readonly WorstCase[];
}

/**
 * The scans of lowest Dice of the best run: on the fewest patients, with the first seed. That run's
 * masks are those that the slice browser has.
 *
 * @param runs one or more.
 */
export function worstCases(runs: readonly RunCases[]): WorstCases {
  const fewest = Math.min(...runs.map(({ patients }) => patients));
  const few = runs.filter(({ patients }) => patients === fewest);
  const seed = Math.min(...few.map((run) => run.seed));
  const dice = ({ cases }: RunCases) => mean(cases.map(({ dice }) => dice));
  const best = few.filter((run) => run.seed === seed)
    .reduce((a, b) => dice(b) > dice(a) ? b : a);
  const scans = [
    ...Map.groupBy(best.cases, ({ patient, phase }) => `${patient}\n${phase}`).values(),
  ]
    .map((structures): WorstCase => {
      const { patient, group, phase } = structures[0];
      return { patient, group, phase, structures, dice: mean(structures.map(({ dice }) => dice)) };
    });
  return { run: best, scans: scans.sort((a, b) => a.dice - b.dice).slice(0, WORST) };
}

function worstTable({ run, scans }: WorstCases, slices: SliceViews): Html {
  const structures = scans[0].structures.map(({ structure }) => structure);
  const name = `${settingName(run)}, ${counted(run.patients, "patient")}, seed ${run.seed}`;
  const model = slices.models.indexOf(settingName(run));
  const lines = scans.map((scan) => {
    const shown = slices.scans.findIndex((view) => scanTitle(view) === scanTitle(scan));
    const hd95 = scan.structures.map(({ hd95_mm }) => hd95_mm).filter((mm) => mm !== null);
    return html`
      <tr>
        <th scope="row">${scanTitle(scan)} ${shown >= 0 && model >= 0
          ? showButton(scanTitle(scan), shown, model)
          : ""}</th>
        <td>${scan.group || "–"}</td>
        <td class="number">${scan.dice.toFixed(3)}</td>
        ${scan.structures.map(({ dice, missed }) =>
          html`<td class="number">${dice.toFixed(3)}${missed ? " (missed)" : ""}</td>`
        )}
        <td class="number">${hd95.length ? Math.max(...hd95).toFixed(1) : "–"}</td>
      </tr>
    `;
  });
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

function round(dice: number): number {
  return Math.round(1000 * dice) / 1000;
}
