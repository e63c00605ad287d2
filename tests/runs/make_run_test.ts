import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { drawViews } from "../../lib/augmentations/views.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { readSplit, splitPatients } from "../../lib/data/datasets/splits.ts";
import { softDice } from "../../lib/losses/segmentation.ts";
import { checkpointPath } from "../../lib/runs/kept_checkpoints.ts";
import { makeAdaptation, makePretraining } from "../../lib/runs/make_run.ts";
import {
  openRun,
  readQuality,
  readSteps,
  readValidation,
  reopenRun,
} from "../../lib/runs/run_folder.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu, TINY, tinySlices } from "../training/tiny.ts";

const slices = tinySlices(4);
const dataset: Dataset = {
  name: "mine",
  root: "/mine",
  layout: "folder",
  structures: [{ label: 1, name: "disc" }, { label: 2, name: "ring" }],
  regions: [{ name: "target", labels: [1, 2] }],
  order: { axes: "RAS", usual: "RAS", slices: 2 },
  pseudonyms: new Map([["Doe", "P001"], ["Roe", "P002"], ["Poe", "P003"]]),
  patients: ["P001", "P002", "P003"].map((id) => ({
    ...{ id, group: "", part: "training" as const },
    scans: [{ image: `/mine/${id}.nii.gz`, mask: `/mine/${id}_gt.nii.gz` }],
  })),
};
const split = splitPatients(dataset, { sizes: [1] });
const config = {
  ...TINY,
  pretraining: { ...TINY.pretraining, qualityEvery: 5 },
  adaptation: { ...TINY.adaptation, iterations: 25 },
};
const made = { dataset, split, config, environment: { backend: "simd", deno: "2.9.6" } };
const ofDataset = { dataset: "mine", order: dataset.order, pseudonyms: true };

Deno.test("makePretraining() keeps the run, its patients and its best checkpoint", () =>
  withFolder((dir) =>
    onCpu(async () => {
      const probe = { slices, classes: 3, patients: 2 };
      const last = await makePretraining(dir, slices, { ...made, steps: 12, probe, log: ["csv"] });
      const { checkpoint, info: { seconds: _, provenance, ...info }, ...run } = await openRun(dir);
      assert.equal(provenance!.slices, last.metadata.slices);
      assert.deepEqual(checkpoint.tensors, last.tensors);
      assert.deepEqual(run.config, config);
      assert.deepEqual(info, {
        ...{ schema: "pix2rep.run/1", kind: "pretrain", status: "done", ...ofDataset },
        ...{ structures: [], steps: 12, ...made.environment, log: ["csv"], probe: 2 },
      });
      assert.deepEqual(await readSplit(`${dir}/split.json`, dataset), split);
      assert.equal((await readSteps(dir)).length, 12);
      assert.deepEqual((await readQuality(dir)).map(({ step }) => step), [5, 10]);
      assert.ok(existsSync(checkpointPath(dir, "best")));
      assert.ok(existsSync(`${dir}/training.csv`));
    })()
  ));

Deno.test("makeAdaptation() goes on with an interrupted run to the same end, bit for bit", () =>
  withFolder((dir) =>
    onCpu(async () => {
      const pretrained = await pretrain(slices, config, { steps: 1 });
      const given = { ...made, strategy: "finetune", patients: 1 } as const;
      const whole = await makeAdaptation(`${dir}/whole`, slices, { ...given, pretrained });
      const { signal, ...interruption } = abortable();
      const cut = makeAdaptation(`${dir}/cut`, slices, {
        ...{ ...given, pretrained, signal },
        onSteps: interruption.abort,
      });
      await assert.rejects(cut, { name: "AbortError" });
      const earlier = await reopenRun(`${dir}/cut`, ["finetune"]);
      assert.deepEqual([earlier.info.status, earlier.warnings], ["interrupted", []]);
      const resumed = await makeAdaptation(`${dir}/cut`, slices, { ...given, earlier });
      assert.deepEqual(resumed, whole);
      for (const name of ["whole", "cut"]) {
        const { checkpoint, info: { seconds: _, provenance, ...info } } = await openRun(
          `${dir}/${name}`,
        );
        assert.equal(provenance!.slices, whole.metadata.slices);
        assert.deepEqual(checkpoint.tensors, whole.tensors);
        assert.deepEqual(info, {
          ...{ schema: "pix2rep.run/1", kind: "finetune", status: "done", ...ofDataset },
          ...{ structures: dataset.structures, regions: dataset.regions },
          ...{ steps: 25, ...made.environment, patients: 1 },
        });
        assert.deepEqual(await readSplit(`${dir}/${name}/split.json`, dataset), split);
      }
      assert.deepEqual(await readSteps(`${dir}/cut`), await readSteps(`${dir}/whole`));
    })()
  ));

Deno.test("makeAdaptation() records how masks of others went, and tells where that is lost", () =>
  withFolder((dir) =>
    onCpu(async () => {
      const validation = { slices: tinySlices(6), patients: 2 };
      const given = { ...made, strategy: "scratch", patients: 1, validation, folds: 3 } as const;
      const { signal, abort } = abortable();
      const cut = makeAdaptation(dir, slices, {
        ...{ ...given, signal, log: ["csv", "tensorboard"] },
        onSteps: (records) => {
          if (records.at(-1)!.step >= 9) abort();
        },
      });
      await assert.rejects(cut, { name: "AbortError" });
      const { info, warnings } = await reopenRun(dir, ["scratch"]);
      assert.deepEqual([info.validation, info.folds, warnings], [{ patients: 2, every: 3 }, 3, []]);
      const records = await readValidation(dir);
      assert.deepEqual(records.map(({ step }) => step), [3, 6, 9]);
      const rows = records.map(({ step, dice }) => `${step},${dice}\r\n`).join("");
      assert.equal(Deno.readTextFileSync(`${dir}/validation.csv`), `step,dice\r\n${rows}`);
      const [events] = [...Deno.readDirSync(dir)].filter(({ name }) => name.startsWith("events"));
      const bytes = Deno.readTextFileSync(`${dir}/${events.name}`);
      assert.equal(bytes.split("validation/dice").length - 1, 3);
      Deno.removeSync(`${dir}/validation.jsonl`);
      const lost = (await reopenRun(dir, ["scratch"])).warnings;
      assert.match(
        lost.join("\n"),
        /^.*validation\.jsonl: expected 3 records up to step 9, found 0/,
      );
    })()
  ));

Deno.test("makeAdaptation() measures nothing where that is asked for, or there are no steps", () =>
  withFolder((dir) =>
    onCpu(async () => {
      const pretrained = await pretrain(slices, config, { steps: 1 });
      const validation = { slices, patients: 2 };
      for (
        const given of [
          { strategy: "scratch", validation: { ...validation, every: 0 } },
          { strategy: "in-context", pretrained, validation },
        ] as const
      ) {
        const run = `${dir}/${given.strategy}`;
        await makeAdaptation(run, slices, { ...made, patients: 1, ...given });
        assert.deepEqual(await readValidation(run), []);
        assert.equal((await openRun(run)).info.validation, undefined);
      }
    })()
  ));

Deno.test("makePretraining() warns of features that collapse", () =>
  withFolder((dir) =>
    onCpu(async () => {
      // A single feature has rank 1, at both measurements.
      const narrow = { ...config, backbone: { ...config.backbone, features: 1 } };
      const warnings: string[] = [];
      const onWarning = (warning: string) => void warnings.push(warning);
      await makePretraining(dir, slices, { ...made, config: narrow, steps: 10, onWarning });
      assert.match(warnings.join("\n"), /^step 10: the features may be collapsing/);
    })()
  ));

/** A signal, and what aborts it. */
function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

Deno.test("run.json tells which functions a run was trained with that are its caller's own", () =>
  withFolder((dir) =>
    onCpu(async () => {
      const own = { augment: drawViews, onBatch: () => {} };
      await makePretraining(`${dir}/pretraining`, slices, { ...made, steps: 1, ...own });
      assert.deepEqual((await openRun(`${dir}/pretraining`)).info.own, ["augment"]);
      const given = { ...made, strategy: "scratch", patients: 1, loss: softDice } as const;
      await makeAdaptation(`${dir}/adaptation`, slices, given);
      assert.deepEqual((await openRun(`${dir}/adaptation`)).info.own, ["loss"]);
    })()
  ));
