import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tinyVolume, withFolder } from "../support/datasets.ts";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import { volumesOf } from "../../lib/data/slices/seen_volumes.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import type { Voxels } from "../../lib/data/volumes/volume.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { image, imagePath, labels, TESTING, writeCohort } from "../tasks/cohort.ts";

/** Writes a scan of the cohort's shape with voxels of other sizes. */
async function write(path: string, voxels: Voxels, [x, y, z] = [1.5, 1.5, 8]): Promise<void> {
  const volume = tinyVolume();
  const sform = [[x, 0, 0, 10], [0, y, 0, 20], [0, 0, z, 30]];
  const pixdim = [1, x, y, z, 0, 0, 0, 0];
  const geometry = { ...volume.geometry, pixdim, sform };
  await writeNifti(path, voxels, { ...volume, shape: [18, 14, 3], voxels, geometry });
}

/** What is true of models that were trained for a step: they find nothing, or the same in all scans. */
const UNTRAINED = /nothing was found|half of the masks/;

/** The warnings of a task that has to succeed, but for those of its model. */
async function warningsOf(task: string, ...args: string[]): Promise<string[]> {
  const { code, stderr } = await runTask(task, ...args, "--backend", "simd", "--quiet");
  assert.equal(code, 0, stderr);
  return stderr.split("\n").filter((line) => line !== "" && !UNTRAINED.test(line));
}

Deno.test("predict and evaluate warn of scans that are unlike those trained on, and of no others", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const seen = (run: string) => JSON.parse(readFileSync(`${dir}/${run}/run.json`, "utf8")).seen;
    const train = ["--data", data, "--backend", "simd"];
    const [pretrained, model] = [`${dir}/pretrained`, `${dir}/model`];

    await t.step("runs record what their scans were like", async () => {
      await expectDone("pretrain", ...train, ...TINY, "--steps", "1", "--out", pretrained);
      await expectDone("finetune", ...train, "--pretrained", pretrained, "--out", model);
      const { scans, side_mm, spacing_mm, thickness_mm, means, ranges } = seen("pretrained");
      assert.deepEqual([scans, side_mm, spacing_mm, thickness_mm], [12, [27, 27], [1.5, 1.5], [
        8,
        8,
      ]]);
      const [[low, high]] = means;
      assert.ok(0 < low && low < high && high < 1, `${means}`);
      const [[first, last]] = ranges;
      assert.ok(first >= 30 && last <= 240, `${ranges}`);
      assert.equal(seen("pretrained").volumes, undefined);
      // The labelled scans are among those of the pretraining; how large structures are is new.
      const { volumes: { masks, ml }, ...rest } = seen("model");
      assert.deepEqual(rest, seen("pretrained"));
      const [full, empty] = [3, 2].map((radius) => volumesOf(labels(radius), [1.5, 1.5, 8])!);
      assert.deepEqual([masks, ml], [2, {
        1: [empty[1], full[1]],
        2: [empty[2], full[2]],
        3: [empty[3], full[3]],
      }]);
      const alone = ["--strategy", "scratch", ...TINY, "--out", `${dir}/alone`];
      await expectDone("finetune", ...train, ...alone);
      assert.equal(seen("alone").scans, 2);
      await expectDone("finetune", ...train, "--out", model, "--resume");
      assert.deepEqual(seen("model"), { ...rest, volumes: { masks, ml } });
    });

    const own = imagePath(data, TESTING[0]);
    const { voxels } = await readVolume(own);
    const predict = async (name: string, as: Voxels, spacing?: [number, number, number]) => {
      const path = `${dir}/${name}.nii.gz`;
      await write(path, as, spacing);
      return await warningsOf(
        "predict",
        "--model",
        model,
        "--input",
        path,
        "--out",
        `${dir}/masks`,
      );
    };

    await t.step("no scan of the cohort is warned of", async () => {
      for (const run of ["model", "alone"]) {
        const args = ["--model", `${dir}/${run}`];
        const out = ["--out", `${dir}/none`];
        assert.deepEqual(await warningsOf("predict", ...args, "--input", data, ...out), []);
        assert.deepEqual(await warningsOf("evaluate", ...args, "--data", data, ...out), []);
      }
      assert.deepEqual(await predict("own", voxels), []);
    });

    await t.step("predict tells what a scan is unlike the others in", async () => {
      for (
        const [name, spacing, says] of [
          ["fine", [0.3, 0.3, 8], [/mm wide, .* another part/, /pixels are 0\.3 mm .* on 1\.5 mm/]],
          ["thin", [1.5, 1.5, 1.6], [/slices lie 1\.6 mm apart, .* on 8 mm/]],
        ] as [string, [number, number, number], RegExp[]][]
      ) {
        const warnings = await predict(name, voxels, spacing);
        assert.equal(warnings.length, says.length, `${warnings}`);
        says.forEach((one, i) => assert.match(warnings[i], one));
      }
      for (
        const [name, as] of [
          ["inverted", voxels.map((value) => 300 - value)],
          ["dark", voxels.map((value, i) => i % 50 === 0 ? 30_000 : value)],
        ] as const
      ) {
        const [warning, ...others] = await predict(name, as);
        assert.deepEqual(others, []);
        assert.match(
          warning,
          /Its intensities are unlike those that the model .* another kind\. \(/,
        );
      }
    });

    await t.step("predict tells of a mask in the place of a scan", async () => {
      const warnings = await predict("mask", labels(3));
      assert.match(
        warnings.join("\n"),
        /The image has 4 values, all of them whole: it may be a mask/,
      );
    });

    await t.step("predict tells of other units where data.window sets the scale", async () => {
      const window = ["--set", "data.window=[-1000,1000]", "--strategy", "scratch", ...TINY];
      const args = ["--out", `${dir}/windowed`, ...window];
      await expectDone("finetune", ...train, ...args);
      const path = `${dir}/units.nii.gz`;
      await write(path, Float32Array.from(voxels, (value) => value / 1000));
      const run = ["--model", `${dir}/windowed`, "--out", `${dir}/masks`];
      assert.deepEqual(await warningsOf("predict", ...run, "--input", own), []);
      const [warning] = await warningsOf("predict", ...run, "--input", path);
      assert.match(warning, /Its intensities run from 0\.0\d+ to 0\.2\d*?, those .* data\.window/);
    });

    await t.step("evaluate tells it of test scans, of many in one line", async () => {
      for (const id of TESTING) {
        for (const frame of ["01", "08"]) {
          const path = imagePath(data, id).replace("frame01", `frame${frame}`);
          const mask = labels(3);
          await write(path, image(mask, id), [1.5, 1.5, 1]);
          await write(path.replace(".nii", "_gt.nii"), mask, [1.5, 1.5, 1]);
        }
      }
      const warnings = await warningsOf("evaluate", "--model", model, "--data", data);
      assert.equal(warnings.length, 1, `${warnings}`);
      assert.match(warnings[0], /slices lie 1 mm apart.*patient007_frame01\.nii\.gz and 3 more\)/);
    });

    await t.step("a run of an earlier version, which tells nothing, warns of nothing", async () => {
      const path = `${model}/run.json`;
      const { seen: _, ...info } = JSON.parse(readFileSync(path, "utf8"));
      Deno.writeTextFileSync(path, JSON.stringify(info));
      assert.deepEqual(await predict("fine", voxels, [0.3, 0.3, 8]), []);
    });
  }));
