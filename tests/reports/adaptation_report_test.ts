import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { splitAll } from "../../lib/data/datasets/splits.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import { parseMetricsCsv } from "../../lib/evaluators/read_metrics.ts";
import type { CaseMetrics } from "../../lib/evaluators/segmentation.ts";
import {
  crossValidate,
  type CrossValidateOptions,
} from "../../lib/experiments/cross_validation.ts";
import { renderAdaptation, writeAdaptationReport } from "../../lib/reports/adaptation_report.ts";
import { gatherFolds, gatherHeldOut } from "../../lib/reports/gather/gather_adaptation.ts";
import { scanTitle, type ScanView } from "../../lib/reports/inputs/report_input.ts";
import { renderRun } from "../../lib/reports/run_report.ts";
import { writeConfig } from "../../lib/runs/run_folder.ts";
import { assertClose } from "../support/close.ts";
import { withFolder } from "../support/datasets.ts";
import { plainDice } from "../support/dice.ts";
import { TESTING, TRAINING, writeCohort } from "../tasks/cohort.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { adaptation, pageText, run } from "./page_examples.ts";

const data = (page: string) => JSON.parse(page.match(/id="report-data">(.*?)<\/script>/s)![1]);
const environment = { backend: "simd", deno: "2.9.6" };

Deno.test("renderAdaptation() opens with what is known in words, then patients, slices, curves", () => {
  const page = renderAdaptation(adaptation);
  const text = pageText(page);
  assert.match(
    text,
    /Fine-tuned on phantom .* 8 labelled patients · 8 patients held out · LV, RV Dice 0\.50 ± 0\.02 over 8/,
  );
  assert.match(text, /Dice over patients 0\.500 ± 0\.024 Dice of LV 0\.550 ± 0\.024 Dice of RV/);
  assert.match(text, /ml patient001 · ED Show 0\.465 NOR/);
  assert.match(text, /Validation Measured while each model was trained/);
  assert.match(
    page,
    /Dice of held-out slices by optimiser step\. patient001: 0\.2 at step 10, 0\.6/,
  );
  assert.doesNotMatch(text, /NaN|undefined|null/);
  const { figures, tables } = data(page);
  assert.deepEqual([figures, tables].map(Object.keys), [["validation-dice"], ["scans-csv"]]);
  const unwatched = renderAdaptation({ ...adaptation, validationCurves: [] });
  assert.doesNotMatch(unwatched, /id="validation"|plotly\.js/);
});

Deno.test("renderRun() shows predicted masks, the doubtful first, then those that are measured", () => {
  const page = renderRun(run);
  const text = pageText(page);
  assert.match(
    text,
    /Masks of phantom .* 9 masks · 8 labelled patients · LV, RV LV: half of the masks .* kind\. Dice 0\.50 ± 0\.02/,
  );
  assert.match(
    text,
    /doubtful before others\. All slices are here\. Then the labelled patients, .* masks\. 8 of 32/,
  );
  const { slices, tables } = data(page);
  assert.deepEqual(
    slices.scans.map(({ title }: { title: string }) => title),
    ["scan2", "scan1", "patient001 · ED", "patient002 · ED"],
  );
  assert.deepEqual(slices.first, { scan: 0, model: 0 });
  assert.match(page, /data-scan="3" data-model="0" aria-label="Show patient002 · ED"/);
  assert.match(
    text,
    /Way Dice LV RV Model Fine-tuned from a probe 0\.500 ± 0\.024 .* kept Fine-tuned/,
  );
  assert.deepEqual(Object.keys(tables), ["masks-csv", "scans-csv"]);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
});

Deno.test("renderRun() shows what there is where nobody was held out, or no scan was left", () => {
  const alone = pageText(renderRun({ ...run, compared: [], adaptation: undefined }));
  assert.match(alone, /9 masks · LV, RV LV: half of the masks hold .* kind\. Dice/);
  assert.doesNotMatch(alone, /Ways to adapt|labelled patients, each|Validation/);
  const measured = pageText(renderRun({ ...run, prediction: undefined }));
  assert.doesNotMatch(measured, /Median doubt|First the masks/);
  assert.throws(
    () => renderRun({ ...run, adaptation: undefined, prediction: undefined }),
    /expected masks or held-out patients to show/,
  );
});

/** Compares what is shown, which is cut to all that is outlined, with the metrics of each scan. */
function expectShown(
  { scans, structures, cases }: {
    scans: readonly ScanView[];
    structures: readonly { name: string; label: number }[];
    cases: readonly CaseMetrics[];
  },
): void {
  for (const scan of scans) {
    for (const { name, label } of structures) {
      const [found] = cases.filter((one) =>
        scanTitle(one) === scanTitle(scan) && one.structure === name
      );
      const shown = plainDice(scan.predictions[0], scan.reference!, label);
      assertClose(shown, found.dice!, 1e-6);
    }
  }
}

/** As many steps as let the folds' models differ. */
const STEPS = 60;
const config = {
  ...TINY,
  grid: { ...TINY.grid, spacing: 1.5 },
  adaptation: { ...TINY.adaptation, iterations: STEPS, batch: 2 },
};

Deno.test(
  "gatherFolds() shows each patient by the fold that held them out, and how folds went",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      const dataset = await openDataset(`${dir}/cohort`);
      const patients = TRAINING.slice(0, 3);
      const about = { grid: config.grid, labelled: true, window: "labels" } as const;
      const scans = await loadCohort(dataset, patients, about);
      const out = `${dir}/run`;
      const given: CrossValidateOptions = {
        ...{ dataset, split: splitAll(dataset), patients, folds: 3, config, environment },
        strategy: "scratch",
      };
      const found = await crossValidate(out, scans, given);
      const input = await gatherFolds(
        { out, dataset, config, strategy: "scratch", labelled: 3 },
        { found, scans },
        { environment, knownOf: ({ patients }) => `known of ${patients}` },
      );
      assert.equal(input.known, "known of 3");
      assert.deepEqual(input.patientDice, found.patient_dice);
      assert.deepEqual(
        input.slices.scans.map(scanTitle).toSorted(),
        patients.flatMap((id) => [`${id} · ED`, `${id} · ES`]),
      );
      const cases = parseMetricsCsv(await Deno.readTextFile(`${out}/metrics.csv`));
      expectShown({ scans: input.slices.scans, structures: dataset.structures, cases });
      assert.deepEqual(
        input.validationCurves.map(({ name, points }) => [name, points.at(-1)?.step]),
        found.folds.map(([held]) => [held, STEPS]),
      );

      // Folds that chose to clean up were measured before, and are shown as they were measured.
      for (const fold of ["1", "2", "3"]) {
        const path = `${out}/folds/${fold}/config.json`;
        const { inference, ...rest } = JSON.parse(await Deno.readTextFile(path));
        await writeConfig(`${out}/folds/${fold}`, {
          ...{ ...rest, inference: { ...inference, largestComponent: true } },
        });
      }
      const chose = { largestComponent: true, fillHoles: false, dice: 1, plain: 0 };
      const cleaned = await gatherFolds(
        { out, dataset, config, strategy: "scratch", labelled: 3 },
        { found: { ...found, cleaning_choice: chose }, scans },
        { environment, knownOf: () => "known" },
      );
      expectShown({ scans: cleaned.slices.scans, structures: dataset.structures, cases });

      await writeAdaptationReport(out, input);
      assert.match(await Deno.readTextFile(`${out}/report.html`), /Known of 3\./);

      // Of a single model, whose scans are measured for the page.
      const one = {
        out: `${out}/folds/1`,
        dataset,
        config,
        strategy: "scratch",
        labelled: 2,
      } as const;
      const looked = await gatherHeldOut(one, TESTING, { environment, knownOf: () => "known" });
      assert.deepEqual([looked.summary.patients, looked.slices.scans.length], [2, 4]);
      assert.equal(looked.csv.split("\r\n").length, 1 + looked.cases.length + 1);
      expectShown({ ...looked, scans: looked.slices.scans });
    })
  ),
);
