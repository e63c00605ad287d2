import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readSplit, splitAll } from "../../lib/data/datasets/splits.ts";
import { type CohortScan, loadCohort, loadSlices } from "../../lib/data/slices/cohort.ts";
import { digestSlices } from "../../lib/data/slices/slice_digest.ts";
import {
  crossValidate,
  type CrossValidateOptions,
  type CrossValidation,
} from "../../lib/experiments/cross_validation.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import { parseMetricsCsv } from "../../lib/evaluators/read_metrics.ts";
import { summarise } from "../../lib/evaluators/summary.ts";
import { patientDice } from "../../lib/experiments/patient_dice.ts";
import { openRun, readSteps, readValidation } from "../../lib/runs/run_folder.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import { segmentationModel } from "../../lib/training/weights/segmentation_model.ts";
import { withFolder } from "../support/datasets.ts";
import { assertClose } from "../support/close.ts";
import { TRAINING, writeCohort } from "../tasks/cohort.ts";
import { onCpu, TINY, tinySlices } from "../training/tiny.ts";

const STEPS = 12;
const config = {
  ...TINY,
  // The hearts lie aside, and do not fit into its centre.
  grid: { size: 8, spacing: 1.5, axis: "auto" as const },
  adaptation: { ...TINY.adaptation, iterations: STEPS, batch: 2 },
};

const root = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
await writeCohort(`${root}/cohort`);
const dataset = await openDataset(`${root}/cohort`);
const patients = TRAINING.slice(0, 3);
const about = { grid: config.grid, labelled: true, window: "labels" } as const;
const scans = await loadCohort(dataset, patients, about);
const given: CrossValidateOptions = {
  ...{ dataset, split: splitAll(dataset), patients, folds: 3, config, strategy: "scratch" },
  environment: { backend: "simd", deno: "2.9.6" },
};

const text = (path: string) => Deno.readTextFileSync(path);
const found = (dir: string) => parseMetricsCsv(text(`${dir}/metrics.csv`));

Deno.test(
  "crossValidate() tests every patient by a model of the others, and pools what it finds",
  onCpu(() =>
    withFolder(async (dir) => {
      const summary = await crossValidate(dir, scans, given);
      assert.deepEqual(summary.folds.flat().sort(), patients);
      for (const [i, [held]] of summary.folds.entries()) {
        const folder = `${dir}/folds/${i + 1}`;
        const { test, pool, subsets } = await readSplit(`${folder}/split.json`, dataset);
        assert.deepEqual(test, [held]);
        assert.deepEqual(pool, TRAINING.filter((id) => id !== held));
        assert.deepEqual(subsets[2].toSorted(), patients.filter((id) => id !== held));
        const run = await openRun(folder);
        const { status, patients: learned, folds, validation } = run.info;
        assert.deepEqual([status, learned, folds], ["done", 2, undefined]);
        assert.deepEqual(validation, { patients: 1, every: 2 });
        assert.deepEqual(
          (await readValidation(folder)).map(({ step }) => step),
          [2, 4, 6, 8, 10, 12],
        );
        // By another way: the model on the held-out patient's scans as they are.
        const model = segmentationModel(run.checkpoint, { config, classes: 4 });
        const unseen = await loadCohort(dataset, [held], { grid: config.grid, labelled: true });
        const { structures } = dataset;
        const expected = await evaluateModel(model, unseen, { structures, ...config });
        assert.deepEqual(found(folder), expected);
      }
      const all = summary.folds.flatMap((_, i) => found(`${dir}/folds/${i + 1}`));
      assert.deepEqual(found(dir), all);
      const { folds: _, patient_dice, ...pooled } = summary;
      assert.deepEqual(pooled, summarise(all));
      assert.equal(summary.patients, 3);
      const each = patients.map((id) => {
        const own = all.filter(({ patient }) => patient === id);
        assert.equal(own.length, 6);
        return own.reduce((sum, { dice }) => sum + dice! / 6, 0);
      });
      const mean = (each[0] + each[1] + each[2]) / 3;
      const squares = each.reduce((sum, dice) => sum + (dice - mean) ** 2, 0);
      assertClose(patient_dice.mean!, mean, 1e-9);
      assertClose(patient_dice.sd!, Math.sqrt(squares / 2), 1e-9);
      assert.deepEqual(
        Object.entries(patient_dice.structures).map(([name, { patients }]) => [name, patients]),
        dataset.structures.map(({ name }) => [name, 3]),
      );
      assert.deepEqual(
        JSON.parse(text(`${dir}/summary.json`)),
        JSON.parse(JSON.stringify(summary)),
      );
    })
  ),
);

Deno.test(
  "crossValidate() chooses how masks are cleaned up by what that comes to, where it is to",
  onCpu(() =>
    withFolder(async (dir) => {
      const choosing = { ...given, folds: 2, chooseCleaning: true };
      const { folds, patient_dice, cleaning_choice } = await crossValidate(dir, scans, choosing);
      const ways = [[false, false], [true, false], [false, true], [true, true]];
      const dice = await Promise.all(ways.map(async ([largestComponent, fillHoles]) => {
        const inference = { ...config.inference, largestComponent, fillHoles };
        const cases = [];
        for (const [i, held] of folds.entries()) {
          const { checkpoint } = await openRun(`${dir}/folds/${i + 1}`);
          const model = segmentationModel(checkpoint, { config, classes: 4 });
          const unseen = await loadCohort(dataset, held, { grid: config.grid, labelled: true });
          const { structures } = dataset;
          cases.push(...await evaluateModel(model, unseen, { structures, inference }));
        }
        const each = [...patientDice([{ cases }]).values()];
        return each.reduce((sum, one) => sum + one, 0) / each.length;
      }));
      const most = Math.max(...dice);
      const best = most - dice[0] < 0.001 ? 0 : dice.indexOf(most);
      assertClose(cleaning_choice!.dice, dice[best], 1e-9);
      assertClose(cleaning_choice!.plain, dice[0], 1e-9);
      assertClose(cleaning_choice!.plain, patient_dice.mean!, 1e-9);
      assert.deepEqual(
        [cleaning_choice!.largestComponent, cleaning_choice!.fillHoles],
        ways[best],
      );
      const filled = { ...config, inference: { ...config.inference, fillHoles: true } };
      const set = await crossValidate(`${dir}/set`, scans, { ...choosing, config: filled });
      assert.equal(set.cleaning_choice, undefined);
    })
  ),
);

Deno.test(
  "crossValidate() goes on within a fold to the same end, and runs no fold twice",
  onCpu(() =>
    withFolder(async (dir) => {
      const pretrained = await pretrain(tinySlices(4), config, { steps: 1 });
      const finetuned = { ...given, strategy: "finetune", pretrained, folds: 2 } as const;
      const whole = await crossValidate(`${dir}/whole`, scans, finetuned);
      const interruption = new AbortController();
      const cut = crossValidate(`${dir}/cut`, scans, {
        ...{ ...finetuned, signal: interruption.signal },
        onProgress: ({ fold, record: { step } }) => {
          if (fold === 2 && step < STEPS) interruption.abort();
        },
      });
      await assert.rejects(cut, { name: "AbortError" });
      assert.equal((await openRun(`${dir}/cut/folds/2`)).info.status, "interrupted");
      const seen: number[] = [];
      const resumed = await crossValidate(`${dir}/cut`, scans, {
        ...finetuned,
        onProgress: ({ fold }) => void seen.push(fold),
      });
      assert.deepEqual(resumed, whole);
      assert.deepEqual([...new Set(seen)], [2]);
      for (const fold of ["folds/1", "folds/2"]) {
        const [a, b] = [`${dir}/whole/${fold}`, `${dir}/cut/${fold}`];
        assert.deepEqual((await openRun(b)).checkpoint, (await openRun(a)).checkpoint);
        assert.deepEqual(await readSteps(b), await readSteps(a));
        assert.deepEqual(await readValidation(b), await readValidation(a));
      }
      seen.length = 0;
      const again = { ...finetuned, onProgress: () => void seen.push(0) };
      assert.deepEqual(await crossValidate(`${dir}/cut`, scans, again), whole);
      assert.deepEqual(seen, []);
    })
  ),
);

Deno.test(
  "crossValidate() warns of a fold that cannot learn a structure, and shows a teacher no held-out scan",
  onCpu(() =>
    withFolder(async (dir) => {
      const [first] = patients;
      // The myocardium is outlined in one patient alone.
      const lacking = scans.map((scan): CohortScan =>
        scan.patient === first
          ? scan
          : { ...scan, reference: scan.reference!.map((label) => label === 2 ? 0 : label) }
      );
      const warnings: string[] = [];
      const result: CrossValidation = await crossValidate(dir, lacking, {
        ...{ ...given, strategy: "mean-teacher", folds: 3 },
        config: { ...config, adaptation: { ...config.adaptation, iterations: 2 } },
        onWarning: (line) => void warnings.push(line),
      });
      const fold = result.folds.findIndex(([held]) => held === first) + 1;
      assert.deepEqual(warnings.length, 1);
      assert.match(warnings[0], new RegExp(`^fold ${fold}: no labelled scan has MYO`));
      for (const [i, [held]] of result.folds.entries()) {
        const { checkpoint } = await openRun(`${dir}/folds/${i + 1}`);
        const pool = TRAINING.filter((id) => id !== held);
        const seen = await loadSlices(dataset, pool, { grid: config.grid, labelled: false });
        assert.equal(checkpoint.metadata.slices.split(" ")[2], digestSlices(seen));
      }
    })
  ),
);
