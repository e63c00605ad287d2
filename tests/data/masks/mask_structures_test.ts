import assert from "node:assert/strict";
import { structuresInMasks, structuresOf } from "../../../lib/data/masks/mask_structures.ts";
import type { Voxels } from "../../../lib/data/volumes/volume.ts";
import { tinyMask, tinyVolume, withFolder, writeTiny } from "../../support/datasets.ts";
import { writeNifti } from "../../../lib/data/volumes/nifti_write.ts";

/** Writes masks and finds what they outline. */
async function found(dir: string, masks: readonly Voxels[]) {
  const paths = masks.map((_, i) => `${dir}/${i}.nii`);
  for (const [i, voxels] of masks.entries()) await writeTiny(paths[i], voxels);
  return await structuresInMasks(paths, { source: dir, within: dir });
}

Deno.test("structuresInMasks() numbers values with gaps in order and keeps them", () =>
  withFolder(async (dir) => {
    const map = (values: number[]) => Int16Array.from(tinyMask(2), (label) => values[label]);
    assert.deepEqual(await found(dir, [tinyMask(2)]), [
      { label: 1, name: "label 1" },
      { label: 2, name: "label 2" },
    ]);
    assert.deepEqual(await found(dir, [map([0, 1005, 17]), map([0, 1, 1])]), [
      { label: 1, name: "label 1" },
      { label: 2, name: "label 17", values: [17] },
      { label: 3, name: "label 1005", values: [1005] },
    ]);
    const rounded = Float32Array.from(tinyMask(2), (label) => label * 1.0000153);
    assert.deepEqual((await found(dir, [rounded])).map(({ name }) => name), ["label 1", "label 2"]);
  }));

Deno.test("structuresInMasks() is not stopped by a mask that is wrong, nor misled", () =>
  withFolder(async (dir) => {
    const names = async (...masks: Voxels[]) => (await found(dir, masks)).map(({ name }) => name);
    const half = Float32Array.from(tinyMask(1), (label) => label / 2);
    const negative = Int16Array.from(tinyMask(2), (label) => label === 2 ? -1 : label);
    const image = Int16Array.from({ length: 24 }, (_, i) => i * 1000);
    assert.deepEqual(await names(half, negative, tinyMask(2)), ["label 1", "label 2"]);
    assert.equal((await names(image)).length, 23, "few values are a label map's");
    Deno.writeTextFileSync(`${dir}/broken.nii`, "no NIfTI");
    const paths = [`${dir}/broken.nii`, `${dir}/none.nii`];
    assert.deepEqual(await structuresInMasks(paths, { source: dir, within: dir }), []);
  }));

Deno.test({
  name: "structuresInMasks() is stopped where a mask may not be read",
  permissions: { read: false },
  fn: () =>
    assert.rejects(
      structuresInMasks(["scans/labels/anna.nii"], { source: "scans", within: "scans" }),
      /^Error: scans\/labels\/anna\.nii: it cannot be read \(NotCapable\)$/,
    ),
});

Deno.test("structuresInMasks() leaves out what few voxels of a single mask hold", () =>
  withFolder(async (dir) => {
    const write = async (name: string, stray: number) => {
      const voxels = new Uint8Array(40 * 40 * 10).fill(1, 0, 300).fill(7, 500, 500 + stray);
      await writeNifti(`${dir}/${name}`, voxels, { ...tinyVolume(voxels), shape: [40, 40, 10] });
      return `${dir}/${name}`;
    };
    const [a, b, c] = [await write("a.nii", 0), await write("b.nii", 0), await write("c.nii", 9)];
    const names = async (...paths: string[]) =>
      (await structuresInMasks(paths, { source: dir, within: dir })).map(({ name }) => name);
    assert.deepEqual(await names(a, b, c), ["label 1"]);
    assert.deepEqual(await names(a, c), ["label 1", "label 7"], "of two, neither is the odd one");
    assert.deepEqual(await names(a, c, await write("d.nii", 1)), ["label 1", "label 7"]);
    assert.deepEqual(await names(a, b, await write("e.nii", 10)), ["label 1", "label 7"]);
  }));

Deno.test("structuresOf() refuses values that are nothing's", () => {
  const refused = (values: number[], message: RegExp) =>
    assert.throws(() => structuresOf([{ name: "x", values }], "list"), message);
  refused([], /RangeError: list: expected whole values .* for "x", found none/);
  refused([NaN], /found NaN/);
  refused([0, 1], /found 0/);
  assert.deepEqual(structuresOf([{ name: "sky", values: [0] }], "list"), { structures: [] });
});
