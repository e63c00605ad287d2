import assert from "node:assert/strict";
import { parseRow } from "../../lib/experiments/known_runs.ts";

const ROW = {
  ...{ pretraining: "none", strategy: "scratch", patients: 1, seed: 0 },
  dice: { LV: 0, mean: 1 },
  hd95_mm: { LV: null, mean: 0 },
  assd_mm: { LV: 2.5, mean: 2.5 },
  nsd: { LV: 1, mean: 1 },
  ...{ nsd_tolerance_mm: 2, missed: 0, test_patients: 2 },
};

Deno.test("parseRow() takes what can be measured, and refuses what cannot", () => {
  assert.deepEqual(parseRow(JSON.stringify(ROW), "row.json"), ROW);
  const impossible = {
    dice: [1.01, -0.01, 95],
    nsd: [1.2, -1],
    hd95_mm: [-1],
    assd_mm: [-0.5],
  };
  for (const [name, values] of Object.entries(impossible)) {
    for (const mean of values) {
      const row = { ...ROW, [name]: { LV: 0.5, mean } };
      const message = new RegExp(`^row\\.json: .*${name}`);
      assert.throws(() => parseRow(JSON.stringify(row), "row.json"), { message });
    }
  }
});
