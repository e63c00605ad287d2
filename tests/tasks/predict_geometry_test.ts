import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { realDataPath, withFolder } from "../support/datasets.ts";
import { fixturePath } from "../support/fixtures.ts";
import { expectDone, TINY } from "../support/run_task.ts";
import { imagePath, writeCohort } from "./cohort.ts";

/** Debian's python3-nibabel, an independent reader of NIfTI. */
const PYTHON = "/usr/bin/python3";

/** Prints shape, voxel size, affine and the labels of every file named. */
const DESCRIBE = `
import json, sys, nibabel, numpy
for path in sys.argv[1:]:
    scan = nibabel.load(path)
    print(json.dumps([scan.shape, [float(x) for x in scan.header.get_zooms()],
        scan.affine.tolist(), [int(scan.header["qform_code"]), int(scan.header["sform_code"])],
        numpy.unique(numpy.asanyarray(scan.dataobj)).tolist()]))
`;

const nibabel = await python("import nibabel").then(() => true, () => false);

/** A real cardiac scan, whose affine does not hold the voxel size, and an oblique one. */
const scans = [
  `${realDataPath("acdc")}/training/patient001/patient001_frame01.nii.gz`,
  fixturePath("nifti/int16.nii.gz"),
  fixturePath("nifti/nifti2.nii.gz"),
].filter((path) => existsSync(path));

const skipped = !nibabel ? " (skipped: no nibabel)" : scans.length ? "" : " (skipped: no scans)";

Deno.test({
  name: `predict's masks have their scan's shape, spacing and affine for nibabel${skipped}`,
  ignore: skipped !== "",
  fn: () =>
    withFolder(async (dir) => {
      const [data, model, out] = [`${dir}/cohort`, `${dir}/model`, `${dir}/masks`];
      await writeCohort(data);
      await expectDone(
        "finetune",
        ...["--data", data, "--out", model, "--strategy", "scratch", ...TINY],
      );
      const inputs = [...scans, imagePath(data, "patient002")];
      for (const input of inputs) {
        await expectDone("predict", "--model", model, "--input", input, "--out", out);
      }
      const masks = inputs.map((input) => `${out}/${basename(input, ".nii.gz")}_mask.nii.gz`);
      const described = (await python(DESCRIBE, ...inputs, ...masks)).trimEnd().split("\n")
        .map((line) => JSON.parse(line));
      for (const [i, input] of inputs.entries()) {
        const [shape, spacing, affine, codes] = described[i];
        const [maskShape, maskSpacing, maskAffine, maskCodes, labels] =
          described[inputs.length + i];
        assert.deepEqual(
          [maskShape, maskSpacing, maskAffine, maskCodes],
          [shape, spacing, affine, codes],
          input,
        );
        assert.ok(labels.every((label: number) => [0, 1, 2, 3].includes(label)), input);
      }
    }),
});

/** Runs a Python program and returns what it printed. */
async function python(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", program, ...args],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
