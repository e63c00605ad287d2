/** What would go wrong in silence is told in a line, and nothing is where all is well. */
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { availableBackends } from "../../lib/backends/select.ts";
import type { Config } from "../../lib/config/config.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { type SeenScans, seenScans } from "../../lib/data/slices/seen_scans.ts";
import { volumesOf } from "../../lib/data/slices/seen_volumes.ts";
import { pageText } from "../reports/page_examples.ts";
import { withFolder } from "../support/datasets.ts";
import { runTask, TINY } from "../support/run_task.ts";
import { writeConstantModel } from "../tasks/constant_model.ts";
import { onCpu, TINY as TINY_CONFIG } from "../training/tiny.ts";
import { imagePath, labels, TRAINING, writeCohort, writeVolume } from "../tasks/cohort.ts";

const SMALL: Config = { ...TINY_CONFIG, grid: { size: 20, spacing: 1.5, axis: "auto" } };
const NONE = new Uint8Array(18 * 14 * 3);
const MASK_AS_SCAN = /all of them whole: it may be a mask, not a scan\./;
const EMPTY = /Nothing is outlined in its mask: all of it counts as background\./;

Deno.test("a mask given as a scan, an empty mask and a grid that does not fit are told", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const pretrained = `${dir}/pretrained`;
    const pretrain = ["--data", data, "--steps", "1", ...TINY];

    await t.step("none of it of a cohort as it should be", async () => {
      const checked = await runTask("check-data", "--data", data);
      assert.doesNotMatch(checked.stdout + checked.stderr, MASK_AS_SCAN);
      assert.doesNotMatch(checked.stdout + checked.stderr, EMPTY);
      const { code, stderr } = await runTask("pretrain", ...pretrain, "--out", pretrained);
      assert.deepEqual([code, stderr.match(/warning/)], [0, null], stderr);
    });

    await t.step("finetune tells of a pretraining's grid that these scans do not fit", async () => {
      const wide = [...pretrain, "--set", "grid.spacing=8", "--out", `${dir}/wide`];
      assert.equal((await runTask("pretrain", ...wide)).code, 0);
      const from = ["--data", data, "--dry-run", "--out", `${dir}/none`, "--pretrained"];
      const { code, stderr } = await runTask("finetune", ...from, `${dir}/wide`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /suits them better, but the grid is the pretraining's: pretrain anew/);
      const suited = await runTask("finetune", ...from, pretrained);
      assert.doesNotMatch(suited.stderr, /pretraining's/);
    });

    await t.step("check-data and pretrain tell of a mask among the scans", async () => {
      const [id, other] = TRAINING;
      await copyFile(imagePath(data, id, "_gt.nii.gz"), imagePath(data, id));
      await writeVolume(imagePath(data, other, "_gt.nii.gz"), NONE);
      const checked = await runTask("check-data", "--data", data);
      assert.match(checked.stdout, MASK_AS_SCAN);
      assert.match(checked.stdout, EMPTY);
      const { code, stderr } = await runTask("pretrain", ...pretrain, "--out", `${dir}/again`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, MASK_AS_SCAN);
      assert.equal(stderr.match(/warning/g)?.length, 1, stderr);
    });

    await t.step("finetune tells of both, where it learns from them", async () => {
      const all = ["--data", data, "--strategy", "scratch", "--patients", "all", ...TINY];
      const { code, stderr } = await runTask("finetune", ...all, "--dry-run", "--out", `${dir}/no`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, MASK_AS_SCAN);
      assert.match(
        stderr,
        new RegExp(`nothing is outlined in the masks of ${TRAINING[1]} ED`),
      );
    });
  }));

Deno.test(
  "predict names each mask in which it found nothing, and no other",
  onCpu(() =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const dataset = await openDataset(data);
      const predicted = async (name: string, logits: readonly number[]) => {
        const [model, out] = [`${dir}/${name}`, `${dir}/masks-${name}`];
        await writeConstantModel(model, dataset, { config: SMALL, logits });
        const input = ["--input", `${data}/testing`, "--out", out, "--json"];
        const { code, stdout, stderr } = await runTask("predict", "--model", model, ...input);
        assert.equal(code, 0, stderr);
        const empty = JSON.parse(stdout).filter((mask: { empty?: true }) => mask.empty);
        const named = stderr.split("\n").filter((line) => line.endsWith(": nothing was found"));
        assert.deepEqual(
          named.map((line) => line.replace(/^warning: (.*): nothing was found$/, "$1")),
          empty.map(({ mask }: { mask: string }) => mask),
        );
        return empty.length;
      };
      assert.equal(await predicted("blind", [3, 0, 0, 0]), 4);
      assert.equal(await predicted("seeing", [0, 0, 3, 0]), 0);
    })
  ),
);

Deno.test(
  "predict tells of a model that finds far too much in all scans alike, where it knows its references",
  onCpu(() =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const dataset = await openDataset(data);
      const volumes = volumesOf(labels(3), [1.5, 1.5, 8]);
      const facts = { side: 27, spacing: 1.5, thickness: 8, means: [0.4], ranges: [], volumes };
      const told = async (name: string, seen?: SeenScans) => {
        const [model, out] = [`${dir}/${name}`, `${dir}/masks-${name}`];
        await writeConstantModel(model, dataset, { config: SMALL, logits: [0, 0, 3, 0], seen });
        const { code, stderr } = await runTask(
          ...["predict", "--model", model, "--input", data, "--out", out] as const,
        );
        assert.equal(code, 0, stderr);
        const page = await Deno.readTextFile(`${out}/report.html`);
        return [stderr, pageText(page)];
      };
      const [warned, shown] = await told("alike", seenScans(Array(20).fill(facts)));
      const myo =
        /MYO: half of the masks hold 13\.6 ml or more, 20 reference masks .* 2\.\d+ ml\. It/;
      const lv = /LV: half of the masks hold none, 20 reference masks/;
      for (const words of [warned, shown]) for (const one of [myo, lv]) assert.match(words, one);
      assert.match(shown, /LV: 0 ml, references 1\.\d+ ml/);
      // A run of an earlier version does not tell, and one that learned from such masks has nothing to.
      const whole = { ...facts, volumes: { 2: 13.6 } };
      for (const [name, seen] of [["early", undefined], ["used", seenScans([whole])]] as const) {
        for (const words of await told(name, seen)) assert.doesNotMatch(words, /half of the masks/);
      }
    })
  ),
);

Deno.test({
  name: "a graphics adapter in software is named, with what is faster",
  ignore: !(await availableBackends()).includes("webgpu") ||
    await hasHardware(),
  fn: () =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const tried = (backend: string) =>
        runTask("pretrain", "--data", data, ...TINY, "--dry-run", "--backend", backend);
      assert.match(
        (await tried("webgpu")).stderr,
        /warning: \S.* is a graphics adapter in software: .* --backend simd computes on the same /,
      );
      assert.doesNotMatch((await tried("auto")).stderr, /software/);
    }),
});

/** Whether the graphics adapter here is no software. */
async function hasHardware(): Promise<boolean> {
  const adapter = await navigator.gpu?.requestAdapter();
  return !!adapter && !/llvmpipe|lavapipe|swiftshader/i.test(adapter.info.description);
}
