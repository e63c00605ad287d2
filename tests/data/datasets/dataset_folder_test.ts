import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { datasetFolder } from "../../../lib/data/datasets/dataset_folder.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../support/datasets.ts";

/** Makes folders below another. */
async function folders(dir: string, ...names: string[]): Promise<void> {
  for (const name of names) await mkdir(`${dir}/${name}`, { recursive: true });
}

Deno.test("openDataset() finds the masks beside a folder of images that is named", () =>
  withFolder(async (dir) => {
    await folders(dir, "scans/images", "scans/labels");
    for (const id of ["a", "b"]) {
      await writeTiny(`${dir}/scans/images/${id}.nii.gz`, tinyImage());
      await writeTiny(`${dir}/scans/labels/${id}.nii.gz`, tinyMask(2));
    }
    const whole = await openDataset(`${dir}/scans`);
    assert.ok(whole.patients.every(({ scans: [{ mask }] }) => mask !== undefined));
    assert.deepEqual(await openDataset(`${dir}/scans/images`), whole);
    assert.deepEqual(await openDataset(`${dir}/scans/images/`), whole);
  }));

Deno.test("datasetFolder() leaves a folder that may be meant by itself", () =>
  withFolder(async (dir) => {
    await folders(dir, "alone/images", "two/images", "two/volumes", "two/labels", "msd/imagesTr");
    await folders(dir, "msd/imagesTs", "msd/labelsTr", "own/images/patient1", "own/labels");
    for (
      const name of ["alone/images", "two/images", "msd/imagesTs", "own/images", "none/images"]
    ) {
      assert.equal(datasetFolder(`${dir}/${name}`), `${dir}/${name}`);
    }
    assert.equal(datasetFolder(`${dir}/msd/imagesTr`), `${dir}/msd`);
  }));
