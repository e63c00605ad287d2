import assert from "node:assert/strict";
import { withFolder, writeTinyFrames } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { image, labels, TESTING, TRAINING, writeCohort, writeVolume } from "./cohort.ts";

Deno.test("the tasks use a manifest's patients as they are, and cines if told to", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const [a, b, c, d] = TRAINING;
    const manifest = `${dir}/manifest.json`;
    const split = {
      schema: "pix2rep.split/1",
      dataset: "cohort",
      seed: 0,
      test: [d],
      pool: [a, b, c],
      subsets: { 1: [b], 2: [b, c] },
    };
    Deno.writeTextFileSync(manifest, JSON.stringify(split));
    const mask = labels(3);
    const frames = Int16Array.from([...image(mask, "one"), ...image(mask, "two")]);
    await writeVolume(`${data}/training/${a}/${a}_4d.nii.gz`, frames, [18, 14, 3, 2]);
    const on = ["--data", data];
    const pretrained = `${dir}/pretrained`;

    await t.step("pretrain", async () => {
      const run = [...on, "--out", pretrained, "--steps", "2"];
      const cines = ["--set", "pretraining.cineFrames=5"];
      const printed = await expectDone("pretrain", ...run, "--split", manifest, ...cines, ...TINY);
      // Three patients of two scans, and two frames, of three slices each.
      assert.match(printed, /24 slices of 3 patients/);
      assert.match(printed, /Next, .*\n.*--pretrained .* --split .*manifest\.json/);
      assert.deepEqual(json(`${pretrained}/split.json`), split);
      // Gone on with, the run keeps its patients.
      const resumed = ["--out", pretrained, "--resume", "--steps", "3"];
      assert.match(await expectDone("pretrain", ...on, ...resumed), /24 slices of 3 patients/);
      assert.deepEqual(json(`${pretrained}/split.json`), split);
    });

    await t.step("finetune", async () => {
      const run = [...on, "--pretrained", pretrained, "--split", manifest];
      const model = `${dir}/model`;
      const windows = [
        "--set",
        "inference.window=sliding",
        "--set",
        "inference.largestComponent=true",
      ];
      const printed = await expectDone(
        "finetune",
        ...[...run, "--out", model, "--patients", "2", "--seed", "3", ...windows],
      );
      assert.match(printed, new RegExp(`labelled slices of ${b}, ${c}\n`));
      assert.deepEqual(json(`${model}/split.json`), split);
      assert.match(await expectDone("evaluate", ...on, "--model", model), /1 test patient/);
      const { code, stderr } = await runTask(
        "finetune",
        ...[...run, "--out", `${dir}/other`, "--patients", "3"],
      );
      assert.equal(code, 1);
      assert.match(
        stderr,
        /manifest\.json: expected a subset of 3 patients, found those of 1, 2\n$/,
      );
    });

    await t.step(
      "finetune warns where its test patients are others than the pretraining's",
      async () => {
        const run = [...on, "--pretrained", pretrained, "--dry-run", "--json"];
        const drawn = await runTask("finetune", ...run);
        assert.match(
          drawn.stderr,
          /^warning: .*pretrained was pretrained with another split, .*--split takes the manifest/,
        );
        assert.deepEqual(JSON.parse(drawn.stdout).test, TESTING);
        const same = await runTask("finetune", ...run, "--split", manifest);
        assert.deepEqual([same.code, same.stderr], [0, ""]);
        assert.deepEqual(JSON.parse(same.stdout).patients, [b]);
      },
    );

    await t.step("predict takes the frames of 4D files", async () => {
      const [scans, out] = [`${dir}/mnms`, `${dir}/masks`];
      const frames = [1, 2, 3].map((i) => new Int16Array(24).map((_, voxel) => voxel % (i + 3)));
      await writeTinyFrames(`${scans}/Testing/A1/A1_sa.nii.gz`, frames);
      Deno.writeTextFileSync(`${scans}/info.csv`, "External code,ED,ES\nA1,0,2\n");
      const run = ["--model", `${dir}/model`, "--input", scans, "--out", out];
      assert.match(await expectDone("predict", ...run), /2 masks of/);
      assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name).sort(), [
        "A1_sa_frame0_mask.nii.gz",
        "A1_sa_frame2_mask.nii.gz",
        "masks.jsonl",
        "report.html",
      ]);
    });
  }));

/** A JSON file's content. */
function json(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(path));
}
