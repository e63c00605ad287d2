import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { imagePath, labels, TESTING, TRAINING, writeCohort, writeVolume } from "./cohort.ts";

/** Writes the masks of both phases. */
async function writeMasks(dir: string, id: string, mask: Uint8Array): Promise<void> {
  for (const frame of ["01", "08"]) {
    await writeVolume(imagePath(dir, id, "_gt.nii.gz").replace("frame01", `frame${frame}`), mask);
  }
}

const none = new Uint8Array(18 * 14 * 3);
const withoutRv = labels(3).map((label) => label === 1 ? 0 : label);

Deno.test("empty masks and absent structures are told before training, and in the results", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const scratch = ["--data", data, "--strategy", "scratch", ...TINY];
    const finetune = (out: string, ...args: string[]) =>
      runTask("finetune", ...scratch, "--out", `${dir}/${out}`, ...args);
    const dryRun = JSON.parse(
      await expectDone("finetune", ...scratch, "--out", `${dir}/none`, "--dry-run", "--json"),
    );
    const [first] = dryRun.patients as string[];
    await writeMasks(data, first, none);

    await t.step("finetune draws another patient, and says why", async () => {
      const { code, stderr } = await finetune("other");
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        new RegExp(`nothing is outlined in the masks of ${first}: draws others`),
      );
      const { subsets, test } = JSON.parse(Deno.readTextFileSync(`${dir}/other/split.json`));
      assert.equal(subsets[1].length, 1);
      assert.notEqual(subsets[1][0], first);
      assert.deepEqual(test, dryRun.test);
      Deno.writeTextFileSync(
        `${dir}/split.json`,
        JSON.stringify({
          ...JSON.parse(Deno.readTextFileSync(`${dir}/other/split.json`)),
          subsets: { 1: [first] },
        }),
      );
    });

    await t.step("finetune takes whom a manifest names, and warns", async () => {
      const { code, stderr } = await finetune("empty", "--split", `${dir}/split.json`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`no structure is outlined in the masks of ${first} ED`));
    });

    await t.step("what is in neither mask is in no mean, and counted", async () => {
      for (const id of [...TRAINING, ...TESTING]) await writeMasks(data, id, withoutRv);
      const pretrained = `${dir}/pretrained`;
      await expectDone("pretrain", "--data", data, "--out", pretrained, "--steps", "1", ...TINY);
      // The nearest labelled pixels vote: what is not among them is not found.
      const { code, stderr } = await runTask(
        "finetune",
        ...["--data", data, "--strategy", "in-context", "--pretrained", pretrained],
        ...["--out", `${dir}/without`],
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, /no labelled scan has RV: the model will not find it/);
      const run = ["--data", data, "--model", `${dir}/without`];
      const told = await runTask("evaluate", ...run, "--tolerance", "3.5");
      assert.equal(told.code, 0, told.stderr);
      assert.match(told.stderr, /no test scan has RV/);
      assert.match(told.stdout, /\nRV +– +– +– +–\n/);
      assert.match(told.stdout, /left out of the means, with both masks empty: RV in 4 of 4 scans/);
      assert.match(told.stdout, /NSD at a tolerance of 3.5 mm/);
      const folder = `${dir}/without/evaluation`;
      const summary = JSON.parse(Deno.readTextFileSync(`${folder}/summary.json`));
      const { mean, structures, both_empty, nsd_tolerance_mm } = summary;
      assert.deepEqual([both_empty, structures.RV.dice, nsd_tolerance_mm], [4, null, 3.5]);
      assert.ok(Math.abs(mean.dice - (structures.LV.dice + structures.MYO.dice) / 2) < 1e-12);
      assert.match(Deno.readTextFileSync(`${folder}/metrics.csv`), /,RV,,,,,false,0,0,\r\n/);
      const wrong = await runTask("evaluate", ...run, "--tolerance", "-1");
      assert.equal(wrong.code, 2);
      assert.match(
        wrong.stderr,
        /^evaluate: --tolerance: expected millimetres from 0 on, found "-1"/,
      );
    });
  }));
