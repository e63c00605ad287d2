import assert from "node:assert/strict";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { writeNifti } from "../../../lib/data/volumes/nifti_write.ts";
import { readScan } from "../../../lib/data/datasets/read_scan.ts";
import {
  tinyImage,
  tinyMask,
  tinyVolume,
  withFolder,
  writeTiny,
  writeTinyFrames,
} from "../../support/datasets.ts";

const dataset: Dataset = {
  name: "tiny",
  root: "/",
  layout: "folder",
  structures: [{ label: 1, name: "one" }, { label: 2, name: "two" }],
  patients: [],
};

Deno.test("readScan() reads image and mask", () =>
  withFolder(async (dir) => {
    const scan = { image: `${dir}/image.nii`, mask: `${dir}/mask.nii.gz` };
    await writeTiny(scan.image, tinyImage());
    await writeTiny(scan.mask, Float32Array.from(tinyMask(2)));
    const { channels: [image], mask } = await readScan(scan, dataset);
    assert.deepEqual(image.voxels, tinyImage());
    assert.deepEqual(mask?.voxels, tinyMask(2));
    assert.deepEqual([...image.warnings, ...mask!.warnings], []);
    assert.equal((await readScan({ image: scan.image }, dataset)).mask, undefined);
  }));

Deno.test("readScan() takes a 4D file's frame out of image and mask", () =>
  withFolder(async (dir) => {
    const paths = { image: `${dir}/image.nii.gz`, mask: `${dir}/mask.nii.gz` };
    const frames = [0, 1, 2].map((i) => tinyImage().map((value) => value + i));
    await writeTinyFrames(paths.image, frames);
    // A label that the dataset does not have, in a frame that is not asked for.
    await writeTinyFrames(paths.mask, [tinyMask(2), tinyMask(0), tinyMask(2).fill(9)]);
    const { channels: [image], mask } = await readScan({ ...paths, frame: 1 }, dataset);
    assert.deepEqual([image.shape, mask?.shape], [[4, 3, 2], [4, 3, 2]]);
    assert.deepEqual(image.voxels, frames[1]);
    assert.deepEqual(mask?.voxels, tinyMask(0));
    assert.deepEqual((await readScan({ ...paths, frame: 0 }, dataset)).mask?.voxels, tinyMask(2));
    await assert.rejects(
      readScan({ ...paths, frame: 3 }, dataset),
      /RangeError: .*image\.nii\.gz: expected a frame from 0 to 2, found 3/,
    );
    await assert.rejects(readScan({ ...paths, frame: 2 }, dataset), /mask\.nii\.gz: .*found 9/);
  }));

Deno.test("readScan() warns of a constant image and refuses a mask placed elsewhere", () =>
  withFolder(async (dir) => {
    const scan = { image: `${dir}/image.nii`, mask: `${dir}/mask.nii` };
    await writeTiny(scan.image, new Float32Array(24).fill(7));
    const volume = tinyVolume();
    const sform = volume.geometry.sform.map((row) => row.map((value) => -value));
    await writeNifti(scan.mask, tinyMask(2), {
      ...volume,
      geometry: { ...volume.geometry, sform },
    });
    await assert.rejects(
      readScan(scan, dataset),
      /RangeError: .*mask\.nii: expected the grid of its image, .* RAS .*, found .* LPI .*; resample/,
    );
    await writeTiny(scan.mask, tinyMask(2));
    const { channels: [image] } = await readScan(scan, dataset);
    assert.deepEqual(image.warnings, ["The image is constant: every voxel is 7."]);
  }));

Deno.test("readScan() refuses voxels that cannot be used, naming the file", () =>
  withFolder(async (dir) => {
    const scan = { image: `${dir}/image.nii`, mask: `${dir}/mask.nii` };
    const reject = (message: RegExp) => assert.rejects(readScan(scan, dataset), message);
    await writeTiny(scan.mask, tinyMask(2));
    await writeTiny(scan.image, new Float32Array(24).fill(NaN));
    await reject(/RangeError: .*image\.nii: expected finite intensities, found none/);
    await writeTiny(scan.image, tinyImage());
    for (const [bad, found] of [[3, "3"], [-1, "-1"], [0.5, "0.5"]] as const) {
      await writeTiny(scan.mask, Float32Array.from(tinyMask(2)).fill(bad, 5, 6));
      await reject(
        new RegExp(
          `RangeError: .*mask\\.nii: expected the labels 0, 1, 2, found ${found}.* in 1 voxel, ` +
            String.raw`the first at \(1, 1, 0\)`,
        ),
      );
    }
    await writeNifti(scan.mask, tinyMask(2), { ...tinyVolume(), shape: [3, 4, 2] });
    await reject(/RangeError: .*mask\.nii: expected the grid of its image, 4 × 3 × 2 .*3 × 4 × 2/);
    await Deno.remove(scan.mask);
    await reject(/mask\.nii: no such file/);
  }));
