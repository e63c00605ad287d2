import assert from "node:assert/strict";
import type { ScratchComparison } from "../../../../lib/experiments/patient_dice.ts";
import { sweepResult, type SweepRow } from "../../../../lib/experiments/result.ts";
import { render } from "../../../../lib/reports/html.ts";
import { resultsSection } from "../../../../lib/reports/sections/sweep/results_table.ts";

function row(
  [pretraining, strategy, patients]: [string, string, number],
  { seed, dice, missed = 0 }: { seed: number; dice: number; missed?: number },
): SweepRow {
  return {
    ...{ pretraining, strategy, patients, seed, missed },
    dice: { LV: dice + 0.1, mean: dice },
    hd95_mm: { LV: 4, mean: 10 * dice },
    assd_mm: { LV: 1, mean: dice },
    nsd: { LV: 0.5, mean: dice },
    ...{ nsd_tolerance_mm: 2, both_empty: 1, test_patients: 20 },
  };
}

/** Two of one setting, one of another with more patients, and a pretraining. */
const DURATIONS = [
  { name: "From scratch", patients: 1, minutes: 2 },
  { name: "From scratch", patients: 1, minutes: 3 },
  { name: "Linear probe, pix2rep", patients: 5, minutes: 1 },
  { name: "pix2rep", minutes: 8.25 },
];

/** The cells of every line, bold ones in asterisks. */
function lines(rows: readonly SweepRow[], comparisons: readonly ScratchComparison[]): string[][] {
  const result = sweepResult(rows, { dataset: "made up", config: {} });
  const { content } = resultsSection(result, comparisons, DURATIONS);
  const [body] = render(content).match(/<tbody>[^]*<\/tbody>/)!;
  return [...body.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, line]) =>
    [...line.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) =>
      cell.trim().replaceAll(/<\/?strong>/g, "_")
    )
  );
}

Deno.test("resultsSection() shows means over seeds, gains, the best of each number of patients", () => {
  const [scratch, probe] = [["none", "scratch"], ["pix2rep", "probe"]] as const;
  const rows = [
    row([...scratch, 1], { seed: 0, dice: 0.2, missed: 3 }),
    row([...scratch, 1], { seed: 1, dice: 0.4, missed: 4 }),
    row([...probe, 1], { seed: 0, dice: 0.5 }),
    row([...probe, 1], { seed: 1, dice: 0.5 }),
    row([...scratch, 5], { seed: 0, dice: 0.8 }),
    row([...probe, 5], { seed: 0, dice: 0.75 }),
  ];
  const compared = { pretraining: "pix2rep", strategy: "probe", pairs: 20 };
  const found = lines(rows, [
    { ...compared, patients: 1, p: 0.0123 },
    { ...compared, patients: 5, p: 0.07 },
  ]);
  assert.deepEqual(
    found,
    [
      ["From scratch", "1", "0.300 ± 0.141", "–", "–"],
      ["From scratch", "5", "_0.800_", "–", "–"],
      ["Linear probe, pix2rep", "1", "_0.500 ± 0.000_", "+0.200", "0.012 *"],
      ["Linear probe, pix2rep", "5", "0.750", "−0.050", "0.070"],
    ].map((cells, i) => [
      ...cells,
      // LV's Dice, HD95, ASSD, NSD, missed, empty, seeds and minutes.
      ...[
        ["0.400", "3.0", "0.30", "0.300", "7", "2", "2", "2.5"],
        ["0.900", "8.0", "0.80", "0.800", "0", "1", "1", "–"],
        ["0.600", "5.0", "0.50", "0.500", "0", "2", "2", "–"],
        ["0.850", "7.5", "0.75", "0.750", "0", "1", "1", "1.0"],
      ][i],
    ]),
  );
});

Deno.test("resultsSection() tells how long pretrainings took, where they tell", () => {
  const result = sweepResult([row(["none", "scratch", 1], { seed: 0, dice: 0.2 })], {
    ...{ dataset: "made up", config: {} },
  });
  const text = (durations: typeof DURATIONS) =>
    render(resultsSection(result, [], durations).content);
  assert.match(text(DURATIONS), /ran there; pretraining took before: pix2rep 8\.3\./);
  assert.match(text([]), /whatever else\s+ran there\./);
});

Deno.test("resultsSection() marks p by its size", () => {
  const rows = [
    row(["none", "scratch", 1], { seed: 0, dice: 0.2 }),
    row(["a", "probe", 1], { seed: 0, dice: 0.4 }),
  ];
  const cases: [p: number, text: string][] = [
    [0.05, "0.050"],
    [0.049, "0.049 *"],
    [0.0099, "0.010 **"],
    [0.001, "0.001 **"],
    [0.00099, "&lt; 0.001 ***"],
  ];
  for (const [p, text] of cases) {
    const compared = { pretraining: "a", strategy: "probe", patients: 1, pairs: 20, p };
    assert.equal(lines(rows, [compared])[1][4], text);
  }
});
