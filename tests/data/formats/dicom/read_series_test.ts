import assert from "node:assert/strict";
import { encodeNifti } from "../../../../lib/data/formats/nifti/encode.ts";
import { parseNifti } from "../../../../lib/data/formats/nifti/parse.ts";
import { readDicom, readDicomSeries } from "../../../../lib/data/formats/dicom/read_series.ts";
import type { Volume } from "../../../../lib/data/volumes/volume.ts";
import { withFolder } from "../../../support/datasets.ts";
import { PRIVATE, type SliceOptions, valueAt, writeStack } from "../../../support/dicom.ts";

const HEIGHTS = [30, 32, 34, 36, 38, 40, 42];

/** An order of seven that is no order. */
const SHUFFLED = [4, 1, 6, 2, 7, 3, 5];

type Each = (index: number, height: number) => SliceOptions & { name?: string };

/** Every voxel lies, in millimetres, where the slice said that it was taken from. */
function assertInPlace({ voxels, shape, affine }: Volume): void {
  const [columns, rows] = shape;
  voxels.forEach((value, i) => {
    const slice = Math.floor(i / columns / rows);
    const index = [i % columns, Math.floor(i / columns) % rows, slice, 1];
    const [x, y, z] = affine.map((row) =>
      row.reduce((sum, one, axis) => sum + one * index[axis], 0)
    );
    const [column, row] = [(10 - x) / 0.7, (20 - y) / 0.8].map(Math.round);
    assert.equal(value, valueAt(column, row, z), `voxel ${index}`);
  });
}

const READ: Record<string, Each> = {
  "in order": () => ({}),
  "whose numbers are in no order": (i) => ({ number: SHUFFLED[i] }),
  "whose numbers run downwards": (i) => ({ number: 10 - i }),
  "whose names are in no order": (i) => ({ name: `IM${SHUFFLED[i]}` }),
  "without types": () => ({ implicit: true }),
  "without a preamble": () => ({ bare: true }),
  "without types and preamble": () => ({ bare: true, implicit: true }),
  "of a header larger than what is read first": () => ({
    more: [[0x00091001, "UN", "x".repeat(40_000)]],
  }),
};

for (const [name, each] of Object.entries(READ)) {
  Deno.test(`readDicom() puts every voxel where it was taken from, of slices ${name}`, () =>
    withFolder(async (dir) => {
      const paths = writeStack(dir, HEIGHTS, each);
      const volume = await readDicom(paths[3]);
      assert.deepEqual(volume.shape, [6, 5, 7]);
      assertInPlace(volume);
      assert.equal(volume.source, paths[0]);
      assert.deepEqual(volume.warnings, []);
    }));
}

Deno.test("readDicom() applies the scale, and keeps what the converter cannot tell to itself", () =>
  withFolder(async (dir) => {
    const [path] = writeStack(dir, HEIGHTS, () => ({ scale: [2, -1024] }));
    const { voxels } = await readDicom(path);
    // dcm2niix turns rows over: the first voxel in memory is that of the last row.
    assert.equal(voxels[0], 2 * valueAt(0, 4, 30) - 1024);
  }));

Deno.test("readDicom() places slices evenly whose positions are rounded, and says so", () =>
  withFolder(async (dir) => {
    const [path] = writeStack(dir, [30, 32.05, 34.02, 35.96]);
    const { affine, spacing, geometry, warnings } = await readDicom(path);
    const step = (35.96 - 30) / 3;
    assert.ok(Math.abs(affine[2][2] - step) < 1e-6 && Math.abs(spacing[2] - step) < 1e-6);
    assert.deepEqual(warnings, ["Slices are not quite evenly apart; their mean distance is used."]);
    const mask = parseNifti(
      encodeNifti(new Uint8Array(120), { ...await readDicom(path) }),
      "m.nii",
    );
    assert.ok(mask.affine.flat().every((one, i) => Math.abs(one - affine.flat()[i]) < 1e-5));
    assert.equal(geometry.qformCode, 0);
  }));

Deno.test("readDicom() takes one of two series in a folder, the file's own", () =>
  withFolder(async (dir) => {
    const paths = writeStack(dir, HEIGHTS, (i) => ({ series: 1 + i % 2 }));
    assert.deepEqual((await readDicom(paths[0])).shape, [6, 5, 4]);
    assert.deepEqual((await readDicom(paths[1])).shape, [6, 5, 3]);
  }));

/** Numbers of three slices in four volumes, in three orders: by slice, by volume, in none. */
const CINES: [order: string, number: (slice: number, volume: number) => number][] = [
  ["slice by slice", (slice, volume) => 4 * slice + volume],
  ["volume by volume", (slice, volume) => 3 * volume + slice],
  ["in no order", (slice, volume) => (5 * (4 * slice + volume)) % 12],
];

for (const [order, number] of CINES) {
  Deno.test(`readDicom() takes several volumes of a series apart, or refuses: numbers ${order}`, () =>
    withFolder(async (dir) => {
      const heights = Array.from({ length: 12 }, (_, i) => 30 + 2 * Math.floor(i / 4));
      const [path] = writeStack(dir, heights, (i, height) => ({
        number: 1 + number(Math.floor(i / 4), i % 4),
        pixels: new Array(30).fill(1000 * (i % 4) + height),
      }));
      if (order === "in no order") {
        await assert.rejects(readDicom(path), /instance numbers that count 4 volumes/);
        return;
      }
      const { shape, voxels } = await readDicom(path);
      assert.deepEqual(shape, [6, 5, 3, 4]);
      voxels.forEach((value, i) =>
        assert.equal(value, 1000 * Math.floor(i / 90) + 30 + 2 * (Math.floor(i / 30) % 3))
      );
    }));
}

const REFUSED: [what: string, heights: readonly number[], each: Each, message: RegExp][] = [
  [
    "a missing slice",
    [30, 32, 34, 38, 40],
    () => ({}),
    /expected a slice every 2 mm, found 1 missing between 34 and 38 mm/,
  ],
  ["two missing", [30, 32, 38, 40, 42], () => ({}), /found 2 missing between 32 and 38 mm/],
  ["uneven slices", [30, 32, 34, 36.7, 38], () => ({}), /found 2.7 mm between 34 and 36.7 mm/],
  ["a place twice", [30, 32, 32, 34], () => ({}), /expected 1 slice at each place, found 2 at 32/],
  ["a slice twice", [30, 32], () => ({ instance: 1 }), /found the one of slice0.dcm again/],
  ["a number twice", [30, 32], () => ({ number: 1 }), /number of its own in each file/],
  ["no numbers", [30, 32], () => ({ number: undefined }), /number of its own in each file/],
  [
    "sizes that differ",
    [30, 32],
    (i) => ({ size: [6 + i, 5] }),
    /slice1.dcm: expected 6 × 5 pixels as in slice0.dcm, found 7 × 5/,
  ],
  [
    "pixels of two sizes",
    [30, 32],
    (i) => ({ spacing: [0.8 + i, 0.7] }),
    /slice1.dcm: expected pixels of the size in mm of slice0.dcm, found 0.7 × 1.8 for 0.7 × 0.8/,
  ],
  [
    "a localiser",
    [30, 32],
    (i) => ({ orientation: i ? [0, 1, 0, 0, 0, -1] : [1, 0, 0, 0, 1, 0] }),
    /expected slices in one direction/,
  ],
  ["a tilted CT", [30, 32, 34], (i, z) => ({ position: [-10, i / 2, z] }), /tilted by 14.0°/],
  ["no place", [30, 32], () => ({ more: [[0x00200032, "DS", ""]] }), /the place in the patient/],
  ["no pixel size", [30], () => ({ more: [[0x00280030, "DS", ""]] }), /the distance of its pixels/],
  ["no pixels", [30], () => ({ empty: true }), /expected an image, found none/],
  ["colours", [30], () => ({ more: [[0x00280002, "US", "\x03\0"]] }), /expected one value/],
  [
    "too few pixels",
    [30],
    () => ({ pixels: [1, 2, 3] }),
    /slice0.dcm: expected 60 bytes of pixels, found 6: the file is truncated/,
  ],
];

for (const [what, heights, each, message] of REFUSED) {
  Deno.test(`readDicom() refuses ${what} in one line`, () =>
    withFolder(async (dir) => {
      const [path] = writeStack(dir, heights, each);
      await assert.rejects(readDicom(path), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(dir) && !error.message.includes("\n"));
        assert.ok(PRIVATE.every((text) => !error.message.includes(text)));
        return true;
      });
    }));
}

Deno.test("readDicom() refuses truncated files, compressions it does not know, and other files", () =>
  withFolder(async (dir) => {
    const [path] = writeStack(dir, [30]);
    const whole = Deno.readFileSync(path);
    for (const length of [whole.length - 1, whole.length - 70, 300]) {
      Deno.writeFileSync(path, whole.subarray(0, length));
      await assert.rejects(readDicom(path), /slice0.dcm: expected .* truncated or damaged/);
    }
    const text = new TextDecoder("latin1").decode(whole).replace("1.2.840.10008.1.2.1\0", "1.9.");
    Deno.writeFileSync(path, Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    await assert.rejects(readDicom(path), /slice0.dcm: expected/);
    Deno.writeTextFileSync(path, "no scan");
    await assert.rejects(readDicom(path), /slice0.dcm: expected a DICOM file, found none/);
    await assert.rejects(readDicomSeries([path]), /slice0.dcm: expected a DICOM file, found none/);
  }));

Deno.test("readDicomSeries() refuses more bytes than it may read or make", () =>
  withFolder(async (dir) => {
    const paths = writeStack(dir, HEIGHTS);
    await assert.rejects(readDicomSeries(paths, { maxBytes: 2000 }), /expected at most/);
    const large = writeStack(`${dir}/large`, [30, 32], () => ({ size: [40, 40] }));
    const total = large.reduce((sum, path) => sum + Deno.statSync(path).size, 0);
    await assert.rejects(
      readDicomSeries(large, { maxBytes: total + 1 }),
      /expected voxels of at most/,
    );
  }));

Deno.test("readDicomSeries() takes nothing from the files but geometry and intensities", () =>
  withFolder(async (dir) => {
    const paths = writeStack(`${dir}/series`, HEIGHTS);
    const volume = await readDicomSeries(paths);
    const mask = encodeNifti(new Uint8Array(210), volume);
    const told = JSON.stringify({ ...volume, voxels: [] }) + new TextDecoder("latin1").decode(mask);
    for (const text of [...PRIVATE, "1.2.826"]) assert.ok(!told.includes(text), text);
  }));
