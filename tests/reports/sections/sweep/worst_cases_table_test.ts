import assert from "node:assert/strict";
import { render } from "../../../../lib/reports/html.ts";
import { rankedCases } from "../../../../lib/reports/ranked_cases.ts";
import { worstCasesTable } from "../../../../lib/reports/sections/sweep/worst_cases_table.ts";
import { casesOf, input, rows } from "../../example.ts";

/** The cells of a table, line by line. */
function cells(markup: string): string[][] {
  return [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, line]) =>
    [...line.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) =>
      cell.replaceAll(/<[^>]+>/g, "").trim()
    )
  );
}

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
  const shown = worstCasesTable(rankedCases([{ ...run, cases }]), { ...input.slices, scans: [] });
  assert.deepEqual(cells(render(shown)), [
    ["Scan", "Dice", "Group", "LV", "RV", "HD95, mm"],
    ["patient001", "0.400", "NOR", "0.300 (missed)", "0.600", "4.0"],
    ["patient002 · ED", "0.900", "–", "0.900", "–", "–"],
  ]);
});
