import assert from "node:assert/strict";
import { render } from "../../../lib/reports/html.ts";
import { worstCases, worstCasesTable } from "../../../lib/reports/sections/worst_cases.ts";
import { casesOf, input, row, rows } from "../example.ts";

/** The cells of a table, line by line. */
function cells(markup: string): string[][] {
  return [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, line]) =>
    [...line.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) =>
      cell.replaceAll(/<[^>]+>/g, "").trim()
    )
  );
}

Deno.test("worstCases() takes the best run on fewest patients, of the seed that comes first", () => {
  const { run, scans } = worstCases([
    casesOf(row(["none", "scratch", 1], 3, 0.5)),
    casesOf(row(["none", "scratch", 1], 0, 0.9)),
    casesOf(row(["pix2rep", "finetune", 1], 3, 0.7)),
    casesOf(row(["pix2rep", "finetune", 5], 3, 0.8)),
  ]);
  assert.deepEqual([run.strategy, run.patients, run.seed], ["finetune", 1, 3]);
  const dice = scans.map(({ dice }) => dice);
  assert.deepEqual(dice, dice.toSorted((a, b) => a - b));
  assert.equal(scans[0].patient, "patient001");
});

Deno.test("worstCasesTable() averages scans of one phase, and says what is missed or not known", () => {
  const run = casesOf(rows[0]);
  const [lv, rv] = run.cases;
  const cases = [
    { ...lv, phase: "", dice: 0.2 },
    { ...lv, phase: "", dice: 0.4, missed: true },
    { ...rv, phase: "", dice: 0.6 },
    { ...lv, patient: "patient002", phase: "ED", group: "", dice: 0.9, hd95_mm: null },
    { ...rv, patient: "patient002", phase: "ED", group: "", dice: null, hd95_mm: null },
    { ...rv, patient: "patient003", phase: "ED", dice: null, hd95_mm: null },
  ];
  const { models, training } = input.slices;
  const shown = worstCasesTable(worstCases([{ ...run, cases }]), { models, training, scans: [] });
  assert.deepEqual(cells(render(shown)), [
    ["Scan", "Group", "Dice", "LV", "RV", "HD95"],
    ["patient001", "NOR", "0.400", "0.300 (missed)", "0.600", "4.0"],
    ["patient002 · ED", "–", "0.900", "0.900", "–", "–"],
  ]);
});
