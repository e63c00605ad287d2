import assert from "node:assert/strict";
import { parseMetricsCsv } from "../../lib/evaluators/read_metrics.ts";
import { type CaseMetrics, metricsCsv } from "../../lib/evaluators/summary.ts";

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
    missed: false,
    volume_ml: 150,
    reference_volume_ml: 100,
  };
  const records = [
    measured,
    { ...measured, structure: "RV", missed: true, dice: 0 },
    { ...measured, phase: "", hausdorff_mm: null, hd95_mm: null, assd_mm: null },
  ];
  assert.deepEqual(parseMetricsCsv(metricsCsv(records)), records);
});
