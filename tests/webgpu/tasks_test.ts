import assert from "node:assert/strict";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { BACKENDS } from "../support/backends.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, TINY } from "../support/run_task.ts";
import { imagePath, TESTING, writeCohort } from "../tasks/cohort.ts";

/** Losses in a run's folder. */
function losses(dir: string): number[] {
  return Deno.readTextFileSync(`${dir}/metrics.jsonl`).trimEnd().split("\n")
    .map((line) => JSON.parse(line).loss);
}

Deno.test({
  name: "pretrain, finetune and predict compute on webgpu what they compute on simd",
  ignore: !["simd", "webgpu"].every((name) => BACKENDS.some((backend) => backend === name)),
  fn: () =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      for (const backend of ["simd", "webgpu"]) {
        const [pretrained, model] = [`${dir}/${backend}`, `${dir}/${backend}-model`];
        const common = ["--data", data, "--backend", backend];
        const printed = await expectDone(
          "pretrain",
          ...[...common, "--out", pretrained, "--steps", "3", ...TINY],
        );
        assert.equal(/memory {3}about .* GiB for tensors/.test(printed), backend === "webgpu");
        await expectDone(
          "finetune",
          ...[...common, "--pretrained", pretrained, "--out", model, "--patients", "1"],
        );
        await expectDone(
          "predict",
          ...["--model", model, "--input", imagePath(data, TESTING[0]), "--backend", backend],
          ...["--out", `${dir}/${backend}-masks`],
        );
      }
      for (const run of ["", "-model"]) {
        const [expected, found] = ["simd", "webgpu"].map((name) => losses(`${dir}/${name}${run}`));
        // By default finetune takes as many steps for the probe as for all weights.
        assert.equal(found.length, run === "" ? 3 : 6);
        found.forEach((loss, i) => {
          assert.ok(Math.abs(loss - expected[i]) < 1e-3 * expected[i], `${loss}, ${expected[i]}`);
        });
      }
      const masks = await Promise.all(["simd", "webgpu"].map(async (name) => {
        const files = [...Deno.readDirSync(`${dir}/${name}-masks`)];
        const mask = files.find(({ name }) => name.endsWith(".nii.gz"))!;
        return (await readNifti(`${dir}/${name}-masks/${mask.name}`)).voxels;
      }));
      const apart = [...masks[0]].filter((label, i) => label !== masks[1][i]).length;
      assert.ok(masks[0].length > 0 && apart < 0.01 * masks[0].length, `${apart} voxels apart`);
    }),
});
