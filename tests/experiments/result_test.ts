import assert from "node:assert/strict";
import { summarise } from "../../lib/evaluators/summary.ts";
import {
  summariseRows,
  sweepResult,
  type SweepRow,
  sweepRow,
} from "../../lib/experiments/result.ts";

function row(setting: [string, string, number], seed: number, dice: number): SweepRow {
  const [pretraining, strategy, patients] = setting;
  return {
    pretraining,
    strategy,
    patients,
    seed,
    dice: { LV: dice, mean: dice },
    hd95_mm: { LV: 5, mean: 5 },
    assd_mm: { LV: 1, mean: 1 },
    missed: 0,
    test_patients: 4,
  };
}

const rows = [
  row(["pix2rep", "finetune", 10], 0, 0.9),
  row(["pix2rep", "finetune", 2], 1, 0.75),
  row(["none", "scratch", 2], 0, 0.5),
  row(["pix2rep", "finetune", 2], 0, 0.25),
  row(["pix2rep", "probe", 2], 0, 0.6),
  row(["pix2rep", "my own", 2], 0, 0.4),
];

Deno.test("summariseRows() gives mean and sample deviation over seeds", () => {
  const summary = summariseRows(rows).find((entry) => entry.n === 2);
  assert.deepEqual(summary, {
    pretraining: "pix2rep",
    strategy: "finetune",
    patients: 2,
    dice_mean: 0.5,
    dice_sd: Math.sqrt(0.125),
    n: 2,
  });
});

Deno.test("summariseRows() gives no deviation to a single seed", () => {
  assert.equal(summariseRows([rows[0]])[0].dice_sd, 0);
});

Deno.test("sweepResult() does not depend on the order of the runs", () => {
  const about = { dataset: "phantom", config: { steps: 3 } };
  const result = sweepResult(rows, about);
  assert.deepEqual(sweepResult(rows.toReversed(), about), result);
  assert.deepEqual(
    result.summary.map(({ pretraining, strategy, patients }) => [pretraining, strategy, patients]),
    [
      ["none", "scratch", 2],
      ["pix2rep", "probe", 2],
      ["pix2rep", "finetune", 2],
      ["pix2rep", "finetune", 10],
      ["pix2rep", "my own", 2],
    ],
  );
  assert.deepEqual(result.rows.map(({ seed }) => seed), [0, 0, 0, 1, 0, 0]);
});

Deno.test("sweepRow() takes each structure's averages, and their mean", () => {
  const record = {
    patient: "p",
    group: "",
    phase: "",
    dice: 0.5,
    hausdorff_mm: 8,
    hd95_mm: 6,
    assd_mm: 2,
    nsd: 0.75,
    missed: false,
    volume_ml: 1,
    reference_volume_ml: 1,
  };
  const empty = { dice: null, hausdorff_mm: null, hd95_mm: null, assd_mm: null, nsd: null };
  const summary = summarise([
    { ...record, structure: "RV" },
    { ...record, structure: "LV", ...empty },
  ]);
  const run = { pretraining: "none", strategy: "scratch", patients: 1, seed: 3 };
  assert.deepEqual(sweepRow(run, summary), {
    ...run,
    dice: { RV: 0.5, LV: null, mean: 0.5 },
    hd95_mm: { RV: 6, LV: null, mean: 6 },
    assd_mm: { RV: 2, LV: null, mean: 2 },
    nsd: { RV: 0.75, LV: null, mean: 0.75 },
    nsd_tolerance_mm: 2,
    both_empty: 1,
    missed: 0,
    test_patients: 1,
  });
});

Deno.test("summariseRows() has no Dice where no run has one, and leaves such runs out of a mean", () => {
  const empty = row(["none", "scratch", 1], 1, 0);
  empty.dice = { LV: null, mean: null };
  const [{ dice_mean, dice_sd, n }] = summariseRows([empty]);
  assert.deepEqual([dice_mean, dice_sd, n], [null, null, 1]);
  const [both] = summariseRows([empty, row(["none", "scratch", 1], 0, 0.5)]);
  assert.deepEqual([both.dice_mean, both.dice_sd, both.n], [0.5, 0, 2]);
});
