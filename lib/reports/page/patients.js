import { byId } from "./elements.js";

/**
 * Lets the two settings of the patients' chart be chosen.
 *
 * @param {object} data the content that `patientsSection` embeds: each setting's name, its name for
 * plotly, and its Dice by trace and patient.
 */
export function startPatients({ chart, settings }) {
  const [across, up] = ["patients-across", "patients-up"].map(byId);
  const update = () => {
    const [a, b] = [settings[across.selectedIndex], settings[up.selectedIndex]];
    Plotly.update(chart, { x: a.dice, y: b.dice }, {
      "xaxis.title.text": `Dice: ${a.label}`,
      "yaxis.title.text": `Dice: ${b.label}`,
    }, a.dice.map((_, trace) => trace));
    byId("patients-state").textContent = comparison(a, b);
  };
  for (const select of [across, up]) select.addEventListener("change", update);
  byId("patients-state").textContent = comparison(
    settings[across.selectedIndex],
    settings[up.selectedIndex],
  );
}

/**
 * How two settings compare, patient by patient, in words.
 *
 * @param {{ name: string, dice: number[][] }} a
 * @param {{ name: string, dice: number[][] }} b
 */
export function comparison(a, b) {
  const [before, after] = [a.dice.flat(), b.dice.flat()];
  const better = after.filter((dice, i) => dice > before[i]).length;
  const gain = after.reduce((sum, dice, i) => sum + dice - before[i], 0) / after.length;
  return `${b.name} is better than ${a.name} in ${better} of ${after.length} patients; the mean ` +
    `difference in Dice is ${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(3)}.`;
}
