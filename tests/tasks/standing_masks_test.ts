import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import { withFolder } from "../support/datasets.ts";
import { runTask } from "../support/run_task.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { image, imagePath, labels, TRAINING, writeCohort, writeVolume } from "./cohort.ts";
import { writeConstantModel } from "./constant_model.ts";

const config: Config = { ...TINY, grid: { size: 20, spacing: 1.5, axis: "auto" } };

Deno.test(
  "predict makes no mask again that the same model made of the same scan",
  onCpu(() =>
    withFolder(async (dir) => {
      const [data, model, scans, out] = ["cohort", "model", "scans", "masks"]
        .map((name) => `${dir}/${name}`);
      await writeCohort(data);
      const train = async (logits: readonly number[]) => {
        await Deno.remove(model, { recursive: true }).catch(() => {});
        await writeConstantModel(model, await openDataset(data), { config, logits });
      };
      await train([0, 3, 1, -2]);
      await Deno.mkdir(scans);
      const scanOf = (id: string) => `${scans}/${id}.nii.gz`;
      const maskOf = (id: string) => `${out}/${id}_mask.nii.gz`;
      const [one, two] = TRAINING;
      for (const id of [one, two]) await Deno.copyFile(imagePath(data, id), scanOf(id));
      const run = (...args: string[]) =>
        runTask(
          "predict",
          ...["--model", model, "--input", scans, "--out", out, "--backend", "simd", ...args],
        );
      /** Of each mask, by its scan's name, whether it stood already. */
      const predicted = async (...args: string[]): Promise<Record<string, boolean>> => {
        const { code, stdout, stderr } = await run("--json", ...args);
        assert.equal(code, 0, stderr);
        const masks: { image: string; stood?: true }[] = JSON.parse(stdout);
        const stood = masks.map(({ image, stood = false }) => [
          image.slice(scans.length + 1).replace(".nii.gz", ""),
          stood,
        ]);
        return Object.fromEntries(stood);
      };
      /** The page, but for the memory that the process took, which is another one each time. */
      const page = async () =>
        (await Deno.readTextFile(`${out}/report.html`)).replace(/[\d.]+ GB at most/, "");

      assert.doesNotMatch((await run()).stdout, /already/);
      const [shown, bytes] = [await page(), await Deno.readFile(maskOf(two))];

      // One mask away, a line that a kill cut off.
      await Deno.remove(maskOf(one));
      await Deno.writeTextFile(`${out}/masks.jsonl`, '{"mask":"pat', { append: true });
      const again = await run();
      assert.match(
        again.stdout,
        /^1 of 2 masks stands already: the same model made it of the same scan$/m,
      );
      assert.deepEqual(await Deno.readFile(maskOf(two)), bytes);
      assert.equal(await page(), shown);

      // Another scan of the same name.
      await writeVolume(scanOf(one), image(labels(2), "another"));
      assert.deepEqual(await predicted(), { [one]: false, [two]: true });
      assert.deepEqual(await predicted("--dry-run"), { [one]: true, [two]: true });

      // Other settings, more to write, a model that was trained further.
      const none = { [one]: false, [two]: false };
      const cleaned = ["--set", "inference.largestComponent=true"];
      assert.deepEqual(await predicted("--dry-run", ...cleaned), none);
      assert.deepEqual(await predicted("--dry-run", "--probabilities"), none);
      await train([0, -2, 1, 3]);
      assert.deepEqual(await predicted(), none);
      assert.deepEqual(new Set((await readVolume(maskOf(two))).voxels), new Set([3]));

      // What somebody else wrote, or changed, is not replaced.
      for (const other of [await Deno.readFile(scanOf(one)), bytes.subarray(0, 20)]) {
        await Deno.writeFile(maskOf(one), other);
        const { code, stderr } = await run();
        assert.equal(code, 1);
        assert.match(stderr, /_mask\.nii\.gz: expected no file, or a mask as deno task predict/);
        assert.deepEqual(await Deno.readFile(maskOf(one)), other);
      }
    })
  ),
);
