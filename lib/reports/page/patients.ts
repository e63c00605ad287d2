/// <reference lib="dom" />
import type { PatientsData, PatientsSetting } from "../page_data.ts";
import { byId, setText } from "./elements.ts";
import type { PlotlyScript } from "./plotly.ts";

declare const Plotly: PlotlyScript;

/** Lets the two settings of the patients' chart be chosen. */
export function startPatients({ chart, settings }: PatientsData): void {
  const [across, up] = ["patients-across", "patients-up"]
    .map((id) => byId(id, HTMLSelectElement));
  const chosen = () => [settings[across.selectedIndex], settings[up.selectedIndex]] as const;
  const update = () => {
    const [a, b] = chosen();
    Plotly.update(chart, { x: a.dice, y: b.dice }, {
      "xaxis.title.text": `Dice: ${a.label}`,
      "yaxis.title.text": `Dice: ${b.label}`,
    }, a.dice.map((_, trace) => trace));
    setText("patients-state", comparison(a, b));
  };
  for (const select of [across, up]) select.addEventListener("change", update);
  setText("patients-state", comparison(...chosen()));
}

/** How two settings compare, patient by patient, in words. */
export function comparison(
  a: Pick<PatientsSetting, "name" | "dice">,
  b: Pick<PatientsSetting, "name" | "dice">,
): string {
  const [before, after] = [a.dice.flat(), b.dice.flat()];
  const better = after.filter((dice, i) => dice > before[i]).length;
  const gain = after.reduce((sum, dice, i) => sum + dice - before[i], 0) / after.length;
  return `${b.name} is better than ${a.name} in ${better} of ${after.length} patients; the mean ` +
    `difference in Dice is ${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(3)}.`;
}
