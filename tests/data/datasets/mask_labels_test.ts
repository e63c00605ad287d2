import assert from "node:assert/strict";
import { checkDataset } from "../../../lib/data/datasets/check/check_data.ts";
import { labelsOfMask } from "../../../lib/data/masks/labels.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { ringScan, save, SHAPE, volumeOf, writeCohort } from "../../cases/cohort.ts";
import { withFolder } from "../../support/datasets.ts";

const structures = [{ label: 1, name: "ring" }, { label: 2, name: "disc", values: [7] }];

Deno.test("labelsOfMask() takes NaN for background, and counts it", () => {
  const mask = volumeOf(Float32Array.of(NaN, 1, 7, NaN, 0), { shape: [5, 1, 1] });
  const { labels, warnings } = labelsOfMask(mask, { structures });
  assert.deepEqual(labels, Uint8Array.of(0, 1, 2, 0, 0));
  assert.deepEqual(warnings, ["2 voxels of the mask are NaN; they are background."]);
});

Deno.test("labelsOfMask() says that an image is no label map", () => {
  const image = volumeOf(Int16Array.from({ length: 300 }, (_, i) => i), { shape: [300, 1, 1] });
  assert.throws(
    () => labelsOfMask(image, { structures }),
    /^RangeError: made: expected a label map of at most 254 labels, found 300 different values/,
  );
});

Deno.test("a mask with NaN outside the body has the structures of the others", () =>
  withFolder(async (dir) => {
    await writeCohort(dir, {
      patients: 2,
      mask: (mask) => ({
        ...mask,
        voxels: Float32Array.from(mask.voxels, (label) => label === 0 ? NaN : label),
      }),
    });
    const { structures, scans, errors } = await checkDataset(await openDataset(dir));
    assert.deepEqual([structures, errors], [["label 1", "label 2"], 0]);
    const { labels } = ringScan(0);
    const voxels = [1, 2].map((label) => labels.filter((one) => one === label).length);
    assert.deepEqual(Object.values(scans[0].labelVoxels!), voxels);
  }));

Deno.test("checkDataset() refuses a fourth axis by what it stands for", () =>
  withFolder(async (dir) => {
    const { image, labels } = ringScan(0);
    const several = <T extends Float32Array | Uint8Array>(voxels: T) => {
      const all = [0, 1, 2].flatMap(() => [...voxels]);
      return volumeOf(Float32Array.from(all), { shape: [...SHAPE, 3] });
    };
    await save(`${dir}/masks/images/c0.nii.gz`, volumeOf(image));
    await save(`${dir}/masks/labels/c0.nii.gz`, several(labels));
    await save(`${dir}/images/images/c0.nii.gz`, several(image));
    await save(`${dir}/channels/imagesTr/c0.nii.gz`, volumeOf(image));
    await Deno.writeTextFile(
      `${dir}/channels/dataset.json`,
      JSON.stringify({
        modality: { 0: "T1", 1: "T2" },
        labels: { 0: "background", 1: "ring" },
        training: [{ image: "imagesTr/c0.nii.gz" }],
      }),
    );
    const errorOf = async (name: string) =>
      (await checkDataset(await openDataset(`${dir}/${name}`))).scans[0].error ?? "";
    assert.match(
      await errorOf("masks"),
      /expected a mask of 3 axes, found 3 volumes along a fourth/,
    );
    assert.match(await errorOf("images"), /expected a 3D volume, found 3 volumes along a fourth/);
    assert.match(await errorOf("channels"), /expected 2 channels along the fourth axis, found 1; /);
  }));
