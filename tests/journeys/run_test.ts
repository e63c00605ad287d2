import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, TINY } from "../support/run_task.ts";
import { TRAINING, writeCohort } from "../tasks/cohort.ts";

/** Takes the masks of some patients away. */
async function withoutMasksOf(data: string, patients: readonly string[]): Promise<string[]> {
  const images: string[] = [];
  for (const patient of patients) {
    for await (const { name } of Deno.readDir(`${data}/training/${patient}`)) {
      const path = `${data}/training/${patient}/${name}`;
      if (name.endsWith("_gt.nii.gz")) await Deno.remove(path);
      else if (/frame\d+\.nii\.gz$/.test(name)) images.push(path);
    }
  }
  return images;
}

Deno.test("run leads from a folder to masks of the scans that have none", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    await Deno.remove(`${data}/testing`, { recursive: true });
    const patients = [...Deno.readDirSync(`${data}/training`)].map(({ name }) => name).sort();
    const out = `${dir}/out`;
    const args = (out: string) => ["--data", data, "--out", out, "--minutes", "0.1", ...TINY];
    const images = await withoutMasksOf(data, patients.slice(3));
    let first = "";

    await t.step("and says how good they are, by folds over three labelled patients", async () => {
      const printed = first = await expectDone("run", ...args(out));
      for (const step of ["check-data", "pretrain", "finetune", "predict"]) {
        assert.match(printed, new RegExp(`:\n  deno task ${step} `), step);
      }
      assert.match(
        printed,
        /\nstep 2 of 5 · pretraining · less than a minute left in all\nLearns /,
      );
      assert.match(printed, /\nstep 5 of 5 · segmentation · .*\nSegments 6 scans/);
      assert.match(printed, /\ntook [\d min]+ s; 0\.1 minutes were asked for\n/);
      assert.match(printed, /does best in the folds/);
      // Of three labelled patients, pretrain by itself keeps one for testing.
      assert.match(printed, /Learns from the scans of 6 patients:\n.* --split \S+split\.json /);
      assert.match(printed, /\n36 slices of 6 patients of cohort\n/);
      const split = JSON.parse(await Deno.readTextFile(`${out}/pretraining/split.json`));
      assert.deepEqual([split.pool, split.test], [TRAINING, []]);
      assert.match(
        printed,
        /\n {2}\d+ scans of \d+ patients; 3 patients with masks of RV, MYO, LV\n/,
      );
      assert.match(printed, /Dice [\d.]+ ± [\d.]+ over 3 patients, each segmented by a model/);
      assert.ok(
        existsSync(`${out}/weak-to-strong/folds/3`) && existsSync(`${out}/probe-finetune/folds/3`),
      );
      const masks = [...Deno.readDirSync(`${out}/masks`)].filter(({ name }) =>
        name.endsWith(".nii.gz")
      );
      assert.equal(masks.length, images.length);
      const page = await Deno.readTextFile(`${out}/report.html`);
      const { slices } = JSON.parse(page.match(/id="report-data">(.*?)<\/script>/s)![1]);
      const outlined = slices.scans.map((scan: object) => "reference" in scan);
      assert.deepEqual(outlined, [...images.map(() => false), ...Array(6).fill(true)]);
      assert.match(page, /class="finding">Dice [\d.]+ ± [\d.]+ over 3 patients, each segmented/);
      const image = await readNifti(images[0]);
      const stem = images[0].split("/").at(-1)!.replace(".nii.gz", "");
      assert.deepEqual((await readNifti(`${out}/masks/${stem}_gt.nii.gz`)).shape, image.shape);
    });

    await t.step("and the command that it prints does the same by hand", async () => {
      const [, line] = first.match(/\n {2}deno task pretrain (.*)\n/)!;
      const words = line.replaceAll("'", "").split(" ");
      const byHand = words.with(words.indexOf("--out") + 1, `${dir}/by-hand`);
      const printed = await expectDone("pretrain", ...byHand, "--dry-run");
      assert.match(printed, /^36 slices of 6 patients of cohort$/m);
    });

    await t.step("and the same command again trains nothing anew", async () => {
      const weights = () => Deno.readFileSync(`${out}/probe-finetune/checkpoint/model.safetensors`);
      const before = weights();
      const printed = await expectDone("run", ...args(out));
      assert.match(printed, /steps are taken already/);
      assert.match(printed, /\ntook [\d min]+ s, without what stood already\n/);
      assert.match(printed, /\n6 of 6 masks stand already: the same model made them/);
      assert.match(
        printed,
        /what is finished stays, what has begun keeps its length, and --minutes is for the rest alone/,
      );
      assert.deepEqual(weights(), before);
    });

    await t.step("with one labelled patient it says that nothing is known", async () => {
      await withoutMasksOf(data, patients.slice(1));
      const printed = await expectDone("run", ...args(`${dir}/one`));
      assert.match(printed, /nothing is known of how good the model's masks are/);
      assert.ok(!existsSync(`${dir}/one/probe-finetune`));
      const page = await Deno.readTextFile(`${dir}/one/report.html`);
      assert.match(
        page,
        /class="finding">Nobody with masks is left to test on, so that nothing is/,
      );
    });

    await t.step("and with none that one is to be outlined", async () => {
      await withoutMasksOf(data, patients.slice(0, 1));
      const printed = await expectDone("run", ...args(`${dir}/none`));
      assert.match(printed, /no patient has a mask: outline one/);
    });
  }));
