import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import { withFolder, writeTinyFrames } from "../support/datasets.ts";
import { pythonWith, runPython } from "../support/python.ts";
import { expectDone } from "../support/run_task.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { imagePath, TRAINING, writeCohort } from "./cohort.ts";
import { writeConstantModel } from "./constant_model.ts";
import { expectFailures } from "../refusals/failures.ts";

const config: Config = { ...TINY, grid: { size: 20, spacing: 1.5, axis: "auto" } };
const python = await pythonWith("nibabel");

/** Prints the shape, the type and the affine of a file. */
const DESCRIBE = `
import json, nibabel, sys
image = nibabel.load(sys.argv[1])
print(json.dumps([image.shape, str(image.get_data_dtype()), image.affine.tolist()]))
`;

Deno.test(
  "predict --probabilities writes those of each class on the scan's own grid",
  onCpu(() =>
    withFolder(async (dir) => {
      const [data, model, out] = [`${dir}/cohort`, `${dir}/model`, `${dir}/masks`];
      await writeCohort(data);
      const logits = [0, 3, 1, -2];
      await writeConstantModel(model, await openDataset(data), { config, logits });
      const scan = imagePath(data, TRAINING[0]);
      const predict = ["--model", model, "--probabilities", "--backend", "simd"];
      await expectDone("predict", ...predict, "--input", scan, "--out", out);
      const name = `${TRAINING[0]}_frame01`;
      const files = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
      const written = [
        "masks.jsonl",
        `${name}_mask.nii.gz`,
        `${name}_probabilities.nii.gz`,
        "report.html",
      ];
      assert.deepEqual(files, written);
      const path = `${out}/${name}_probabilities.nii.gz`;
      const { voxels, shape, affine } = await readVolume(path);
      const image = await readVolume(scan);
      assert.deepEqual([shape, affine], [[...image.shape, 4], image.affine]);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      for (const [i, value] of voxels.entries()) {
        const expected = Math.exp(logits[Math.floor(i / image.voxels.length)]) / total;
        assert.ok(Math.abs(value - expected) < 1e-6, `${i}: ${value}`);
      }
      if (python) {
        const told = JSON.parse(await runPython(python, DESCRIBE, { dir, args: [path] }));
        assert.deepEqual(told, [shape, "float32", affine]);
      }
      const cine = `${dir}/cine.nii.gz`;
      await writeTinyFrames(cine, [1, 2].map((value) => new Int16Array(24).fill(value)));
      await expectFailures(dir, [{
        name: "of several time points",
        run: ["predict", ...predict, "--input", cine, "--frame", "all"],
        says: /cine\.nii\.gz: --probabilities: expected one time point, found 2; --frame N/,
        code: 2,
      }]);
    })
  ),
);
