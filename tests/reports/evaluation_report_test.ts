import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import { renderEvaluation, writeEvaluationReport } from "../../lib/reports/evaluation_report.ts";
import { keepMask } from "../../lib/reports/gather/kept_masks.ts";
import { metricsCsv, summarise } from "../../lib/evaluators/summary.ts";
import { unpack } from "../../lib/reports/page/bytes.ts";
import { withFolder } from "../support/datasets.ts";
import { TESTING, writeCohort } from "../tasks/cohort.ts";
import { TINY } from "../training/tiny.ts";
import { casesOf, rows } from "./example.ts";
import { evaluation } from "./page_examples.ts";

Deno.test("renderEvaluation() shows means, structures and scans, and nothing is drawn by plotly", () => {
  const page = renderEvaluation(evaluation);
  const text = page.replaceAll(/<script[^]*?<\/script>|<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  assert.match(text, /Evaluation on phantom .* 8 test patients · LV, RV/);
  assert.match(
    text,
    /Mean Dice 0\.500 Mean HD95 4\.0 mm Mean ASSD 1\.00 mm Mean NSD at 2 mm 0\.800/,
  );
  assert.match(text, / LV 0\.550 ± 0\.024 4\.0 1\.00 0\.800 0 0 8 RV 0\.450/);
  // The scan of lowest Dice first, with its structures, distance and volumes.
  assert.match(
    text,
    /ml patient001 · ED Show 0\.465 NOR 0\.515 0\.415 4\.0 100 \/ 110 100 \/ 110 /,
  );
  assert.equal([...page.matchAll(/data-scan=/g)].length, 2);
  assert.ok(text.includes(evaluation.shown));
  assert.ok(page.length < 200_000, `${page.length} bytes`);
  assert.doesNotMatch(text, /NaN|undefined|null/);
});

Deno.test("renderEvaluation() lists a thousand scans and says how many it leaves out", () => {
  const cases = Array.from(
    { length: 1234 },
    (_, i) => ({ ...evaluation.cases[0], patient: `p${i}` }),
  );
  const page = renderEvaluation({ ...evaluation, cases });
  assert.equal([...page.matchAll(/<th scope="row">p/g)].length, 1000);
  assert.match(page, /234 scans of higher Dice are left out here, and are in metrics\.csv/);
});

Deno.test("writeEvaluationReport() shows scans and masks as they are, turned as is usual", () =>
  withFolder(async (dir) => {
    await writeCohort(`${dir}/cohort`);
    const dataset = await openDataset(`${dir}/cohort`);
    const scans = await loadCohort(dataset, TESTING, { grid: TINY.grid, labelled: true });
    const masks = scans.map(({ reference }) =>
      keepMask(reference!.map((label) => label === 1 ? 1 : 0))
    );
    const [one] = casesOf(rows[0]).cases;
    const cases = scans.map(({ patient, phase }, i) => ({ ...one, patient, phase, dice: i / 10 }));
    await Deno.writeTextFile(`${dir}/metrics.csv`, metricsCsv(cases));
    const evaluated = { dataset, scans, masks, summary: summarise(cases), config: TINY };
    await writeEvaluationReport(dir, evaluated, { backend: "simd", deno: "2.9.6" });
    const page = await Deno.readTextFile(`${dir}/report.html`);
    const { slices } = JSON.parse(page.match(/id="report-data">(.*?)<\/script>/s)![1]);
    assert.equal(slices.scans.length, scans.length);
    assert.equal(slices.scans[slices.first.scan].title, slices.scans[scans.length >> 1].title);
    for (const [i, shown] of slices.scans.entries()) {
      assert.equal(shown.title, `${scans[i].patient} · ${scans[i].phase}`);
      const [reference, prediction] = await Promise.all(
        [shown.reference, shown.predictions].map(unpack),
      );
      assert.deepEqual(prediction, reference.map((label) => label === 1 ? 1 : 0));
      const voxels = (labels: Uint8Array) => labels.filter((label) => label > 0).length;
      assert.equal(voxels(reference), voxels(scans[i].reference!));
      assert.ok((await unpack(shown.images)).some((grey) => grey > 200));
    }
  }));
