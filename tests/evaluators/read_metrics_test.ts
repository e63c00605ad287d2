import assert from "node:assert/strict";
import { parseMetricsCsv } from "../../lib/evaluators/read_metrics.ts";
import type { CaseMetrics } from "../../lib/evaluators/segmentation.ts";
import { metricsCsv } from "../../lib/evaluators/summary.ts";

Deno.test("parseMetricsCsv() reads back what metricsCsv() writes", () => {
  const measured: CaseMetrics = {
    patient: 'a,"b"',
    group: "two\nlines",
    phase: "ED",
    structure: "LV",
    dice: 0.123456789,
    hausdorff_mm: 8.5,
    hd95_mm: 6,
    assd_mm: 2,
    nsd: 0.75,
    missed: false,
    volume_ml: 150,
    reference_volume_ml: 100,
  };
  const none = { dice: null, hausdorff_mm: null, hd95_mm: null, assd_mm: null, nsd: null };
  const records = [
    measured,
    { ...measured, structure: "RV", missed: true, dice: 0 },
    { ...measured, ...none, phase: "" },
  ];
  assert.deepEqual(parseMetricsCsv(metricsCsv(records)), records);
});

Deno.test("parseMetricsCsv() reads older files, whose Dice of two empty masks is 1", () => {
  const [measured, empty] = parseMetricsCsv(
    "patient,group,phase,structure,dice,hausdorff_mm,hd95_mm,assd_mm,missed,volume_ml," +
      "reference_volume_ml\r\na,,,LV,0.5,8,6,2,false,1,1\r\na,,,RV,1,,,,false,0,0\r\n",
  );
  assert.deepEqual([measured.dice, measured.nsd, empty.dice, empty.nsd], [0.5, null, null, null]);
});
