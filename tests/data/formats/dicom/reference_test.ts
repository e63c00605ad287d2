import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { readDicom } from "../../../../lib/data/formats/dicom/read_series.ts";
import { withFolder } from "../../../support/datasets.ts";
import { dicomPython } from "../../../support/dicom_tools.ts";
import { runPython } from "../../../support/python.ts";

const program = readFileSync(
  new URL("../../../support/dicom_cases.py", import.meta.url),
  "utf8",
);
const python = await dicomPython();
const NAME = "readDicom() reads what dcm2niix and nibabel do, of series of all kinds";

/** What dcm2niix and nibabel make of a series. */
interface Expected {
  shape: number[];
  affine: number[][];
  voxels: number[];
}

Deno.test({
  name: python ? NAME : `${NAME} (skipped: no pydicom, nibabel or dcm2niix)`,
  ignore: !python,
  fn: (t) =>
    withFolder(async (dir) => {
      await runPython(python!, program, { dir });
      const cases: Record<string, Expected> = JSON.parse(
        readFileSync(`${dir}/expected.json`, "utf8"),
      );
      assert.ok(Object.keys(cases).length >= 17);
      for (const [name, { shape, affine, voxels }] of Object.entries(cases)) {
        await t.step(name, async () => {
          const [any] = readdirSync(`${dir}/${name}`);
          const volume = await readDicom(`${dir}/${name}/${any}`);
          assert.deepEqual(volume.shape, shape);
          volume.affine.flat().forEach((one, i) => assert.ok(one === affine.flat()[i]));
          assert.deepEqual([...volume.voxels], voxels);
          assert.deepEqual(volume.warnings, []);
        });
      }
    }),
});
