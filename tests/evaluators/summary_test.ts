import assert from "node:assert/strict";
import type { CaseMetrics } from "../../lib/evaluators/segmentation.ts";
import { metricsCsv, summarise } from "../../lib/evaluators/summary.ts";

function record(values: Partial<CaseMetrics>): CaseMetrics {
  return {
    patient: "patient001",
    group: "DCM",
    phase: "ED",
    structure: "LV",
    dice: 0.5,
    hausdorff_mm: 8,
    hd95_mm: 6,
    assd_mm: 2,
    nsd: 0.75,
    missed: false,
    volume_ml: 150,
    reference_volume_ml: 100,
    ...values,
  };
}

const none = { dice: null, hausdorff_mm: null, hd95_mm: null, assd_mm: null, nsd: null };
const cohort = [
  record({ dice: 0.9 }),
  record({ structure: "RV", ...none }),
  record({ dice: 0.7, phase: "ES", hd95_mm: 10, volume_ml: 60, reference_volume_ml: 50 }),
  record({ dice: 0, nsd: 0, structure: "RV", phase: "ES", hd95_mm: 300, missed: true }),
];

Deno.test("metricsCsv() writes one line per record, and nothing for what there is not", () => {
  const [header, first, second] = metricsCsv(cohort).split("\r\n");
  assert.equal(
    header,
    "patient,group,phase,structure,dice,hausdorff_mm,hd95_mm,assd_mm,missed,volume_ml,reference_volume_ml,nsd",
  );
  assert.equal(first, "patient001,DCM,ED,LV,0.9,8,6,2,false,150,100,0.75");
  assert.equal(second, "patient001,DCM,ED,RV,,,,,false,150,100,");
});

Deno.test("metricsCsv() quotes fields as RFC 4180 says", () => {
  const csv = metricsCsv([record({ patient: 'a,"b"', group: "two\nlines" })]);
  assert.ok(csv.includes('\r\n"a,""b""","two\nlines",ED,LV,0.5,'));
});

Deno.test("summarise() averages per structure, and over structures", () => {
  const { structures, mean, patients, schema, nsd_tolerance_mm } = summarise(cohort);
  assert.equal(schema, "pix2rep.evaluation/2");
  assert.deepEqual([patients, nsd_tolerance_mm], [1, 2]);
  assert.equal(structures.LV.volumes, 2);
  assert.equal(structures.LV.dice, 0.8);
  assert.ok(Math.abs(structures.LV.dice_sd! - Math.sqrt(0.02)) < 1e-12);
  assert.equal(structures.LV.hd95_mm, 8);
  assert.equal(structures.RV.dice, 0);
  assert.equal(mean.dice, 0.4);
  assert.deepEqual([structures.LV.nsd, structures.RV.nsd, mean.nsd], [0.75, 0, 0.375]);
  assert.equal(mean.hd95_mm, (8 + 300) / 2);
});

Deno.test("summarise() adds the averages of a Mean Teacher's student, where there is one", () => {
  const student = cohort.map((metrics) => ({ ...metrics, dice: metrics.dice && metrics.dice / 2 }));
  const { student: averages, ...teacher } = summarise(cohort, { student });
  assert.deepEqual(teacher, summarise(cohort));
  assert.deepEqual(averages, { ...teacher.mean, dice: 0.2 });
});

Deno.test("summarise() counts misses and empty masks, and leaves the latter out of means", () => {
  const summary = summarise(cohort);
  assert.deepEqual([summary.missed, summary.both_empty], [1, 1]);
  const { missed, both_empty, volumes } = summary.structures.RV;
  assert.deepEqual([missed, both_empty, volumes], [1, 1, 2]);
  const { RV } = summary.phases.ED.structures;
  assert.deepEqual([RV.dice, RV.dice_sd, RV.nsd, RV.both_empty], [null, null, null, 1]);
  assert.equal(summary.structures.RV.hd95_mm, 300);
  assert.equal(summary.phases.ED.structures.RV.hd95_mm, null);
  assert.equal(summary.phases.ED.mean.hd95_mm, 6);
});

Deno.test("summarise() averages each phase, and has no phases where none is known", () => {
  assert.equal(summarise(cohort).phases.ED.mean.dice, 0.9);
  assert.equal(summarise(cohort).phases.ES.mean.dice, 0.35);
  assert.deepEqual(summarise([record({ phase: "" })]).phases, {});
});

Deno.test("summarise() compares the ejection fraction where both phases are there", () => {
  assert.deepEqual(summarise(cohort).ejection_fraction, {
    patients: 1,
    reference_mean: 50,
    bias: 10,
    mean_absolute_error: 10,
  });
  assert.equal(summarise(cohort.slice(0, 2)).ejection_fraction, null);
});

Deno.test("summarise() rejects an empty evaluation", () => {
  assert.throws(() => summarise([]), RangeError);
});

Deno.test("summarise() has no mean where all masks are empty, and says at which tolerance", () => {
  const { mean, missed, both_empty, nsd_tolerance_mm } = summarise(
    [record(none), record({ ...none, structure: "RV" })],
    { tolerance: 0.5 },
  );
  assert.deepEqual(mean, none);
  assert.deepEqual([missed, both_empty, nsd_tolerance_mm], [0, 2, 0.5]);
});
