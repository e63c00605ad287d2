import assert from "node:assert/strict";
import { rowsCsv } from "../../lib/experiments/rows_csv.ts";
import { row } from "../reports/example.ts";

Deno.test("rowsCsv() writes every run with its measures, and leaves out what is not known", () => {
  const known = {
    ...row(["=cmd", "finetune", 1], 2, 0.75),
    ...{ nsd: { LV: 0.9, RV: 0.5, mean: 0.7 }, nsd_tolerance_mm: 2, both_empty: 3 },
  };
  const [header, ...lines] = rowsCsv([known, row(["none", "scratch", 1], 0, 0.5)]).split("\r\n");
  assert.equal(
    header,
    "pretraining,strategy,patients,seed,test_patients,dice_LV,dice_RV,dice_mean," +
      "hd95_mm_LV,hd95_mm_RV,hd95_mm_mean,assd_mm_LV,assd_mm_RV,assd_mm_mean," +
      "nsd_LV,nsd_RV,nsd_mean,nsd_tolerance_mm,missed,both_empty",
  );
  assert.deepEqual(lines, [
    "'=cmd,finetune,1,2,8,0.8,0.7,0.75,4,,4,1,,1,0.9,0.5,0.7,2,1,3",
    "none,scratch,1,0,8,0.55,0.45,0.5,4,,4,1,,1,,,,,1,",
    "",
  ]);
});
