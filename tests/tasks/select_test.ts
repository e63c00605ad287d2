import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { decode } from "fast-png";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readSplit } from "../../lib/data/datasets/splits.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY } from "../support/run_task.ts";
import { image, imagePath, labels, TESTING, TRAINING, writeCohort, writeVolume } from "./cohort.ts";

/** The patient whose scans are unlike all others: noise without a heart. */
const ODD = TRAINING[3];

Deno.test("select names patients and slices by images alone, for finetune to learn from", (t) =>
  withFolder(async (dir) => {
    const [data, run] = [`${dir}/cohort`, `${dir}/run`];
    await writeCohort(data);
    for (const frame of ["01", "08"]) {
      const path = imagePath(data, ODD).replace("frame01", `frame${frame}`);
      await writeVolume(path, image(labels(0), `${ODD} ${frame}`));
    }
    const from = ["--data", data, "--pretrained", run];
    await expectDone("pretrain", "--data", data, "--out", run, "--steps", "2", ...TINY);
    const masks = globSync(`${data}/*/*/*_gt.nii.gz`);
    assert.equal(masks.length, 16);
    const read = (path: string) => Deno.readTextFileSync(`${run}/selection/${path}`);
    const k = ["--patients", "3"];
    let chosen: string[] = [];

    await t.step(
      "three of the training patients, with their slices, and the odd one out",
      async () => {
        const printed = await expectDone("select", ...from, ...k);
        const told = JSON.parse(read("selection.json"));
        assert.deepEqual([told.strategy, told.chosen.length, told.seed], ["k-centres", 3, 0]);
        chosen = told.chosen.map(({ patient }: { patient: string }) => patient);
        assert.ok(chosen.every((id) => TRAINING.includes(id)), chosen.join());
        assert.equal(told.outliers[0].patient, ODD);
        assert.ok(told.outliers[0].remoteness > 1.2);
        for (const { patient, slices } of told.chosen) {
          const names = slices.map((one: object) => Object.values(one).join(" ")).sort();
          assert.deepEqual(names, ["1 ED 1", "1 ED 2", "1 ED 3", "2 ES 1", "2 ES 2", "2 ES 3"]);
          assert.match(printed, new RegExp(`^  ${patient}  E[DS] \\d, .* \\(has a mask\\)$`, "m"));
        }
        const { width, height } = decode(Deno.readFileSync(`${run}/selection/chosen.png`));
        assert.deepEqual([width, height], [6 * 166 - 6, 3 * 166 - 6]);
      },
    );

    await t.step("no mask is reached, by Deno's own list of what is", async () => {
      const audit = `${dir}/reached.jsonl`;
      const { code } = await outcome(startTask("select", [...from, ...k], { audit }));
      assert.equal(code, 0);
      const reached = Deno.readTextFileSync(audit);
      const images = TRAINING.map((id) => imagePath(data, id));
      assert.ok(images.every((path) => reached.includes(path)));
      assert.deepEqual(masks.filter((path) => reached.includes(path)), []);
    });

    await t.step("masks have no part in it: what is no mask at all changes nothing", async () => {
      const before = ["selection.json", "split.json"].map(read);
      for (const path of masks) await Deno.writeTextFile(path, "not a mask");
      const json = JSON.parse(await expectDone("select", ...from, ...k, "--json"));
      assert.deepEqual(["selection.json", "split.json"].map(read), before);
      assert.deepEqual({ ...json, out: undefined }, { ...JSON.parse(before[0]), out: undefined });
      // Whoever does read them notices.
      const { code } = await runTask("check-data", "--data", data);
      assert.equal(code, 1);
      await writeMasks(masks);
    });

    await t.step("finetune learns from the chosen", async () => {
      const path = `${run}/selection/split.json`;
      const { test, subsets } = await readSplit(path, await openDataset(data));
      assert.deepEqual([test, subsets], [TESTING, { 3: chosen }]);
      const args = [...from, ...k, "--split", path, "--out", `${dir}/model`, "--dry-run", "--json"];
      assert.deepEqual(JSON.parse(await expectDone("finetune", ...args)).patients, chosen);
    });

    await t.step("one patient: the most typical; farthest takes the odd one second", async () => {
      const first = async (...args: string[]) => {
        const told = JSON.parse(await expectDone("select", ...from, ...args, "--json"));
        return told.chosen.map(({ patient }: { patient: string }) => patient);
      };
      const [typical] = await first();
      assert.notEqual(typical, ODD);
      assert.deepEqual(await first("--patients", "2", "--strategy", "farthest"), [typical, ODD]);
    });

    await t.step("more than there are, and a strategy of another name, are refused", async () => {
      const many = await runTask("select", ...from, "--patients", "7");
      assert.equal(many.code, 2);
      assert.match(many.stderr, /^select: --patients: expected 1 to 6, .* found 7$/m);
      const odd = await runTask("select", ...from, "--strategy", "typicl");
      assert.match(odd.stderr, /--strategy: expected one of typical, .*\(did you mean typical\?\)/);
    });
  }));

/** Writes the cohort's masks again. */
async function writeMasks(paths: readonly string[]): Promise<void> {
  for (const path of paths) await writeVolume(path, labels(path.includes("frame01") ? 3 : 2));
}
