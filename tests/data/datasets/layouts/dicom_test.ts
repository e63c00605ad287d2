import assert from "node:assert/strict";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../../support/datasets.ts";
import { dicomSlice, PRIVATE, writeStack } from "../../../support/dicom.ts";

/** A patient's series of two slices of 4 × 3 voxels, as tiny masks have them. */
function writeSeries(dir: string, examination: number, series = 1, columns = 4): string {
  return writeStack(dir, [30, 38], () => ({ examination, series, size: [columns, 3] }))[0];
}

Deno.test("openDataset() recognises folders of DICOM: a patient each, a scan for each series", () =>
  withFolder(async (dir) => {
    const ben = writeSeries(`${dir}/ben/study/T2`, 2, 2);
    const anna = writeSeries(`${dir}/anna`, 1);
    const other = writeSeries(`${dir}/ben/study/T1`, 2, 1, 5);
    Deno.writeFileSync(`${dir}/ben/report`, dicomSlice({ series: 9, empty: true, size: [0, 0] }));
    await writeTiny(`${dir}/labels/ben.nii.gz`, tinyMask(2));
    await writeTiny(`${dir}/labels/carl.nii.gz`, tinyMask(1));
    const { layout, patients, structures, unused } = await openDataset(dir);
    assert.equal(layout, "dicom");
    assert.deepEqual(patients, [
      { id: "anna", group: "", part: "training", scans: [{ image: anna }] },
      {
        id: "ben",
        group: "",
        part: "training",
        scans: [{ image: other }, { image: ben, mask: `${dir}/labels/ben.nii.gz` }],
      },
    ]);
    assert.deepEqual(structures.map(({ label }) => label), [1, 2]);
    assert.deepEqual(unused, [
      { path: `${dir}/ben/report`, why: "it holds no image" },
      { path: `${dir}/labels/carl.nii.gz`, why: "no DICOM series of its name" },
    ]);
    assert.ok(PRIVATE.every((text) => !JSON.stringify([patients, unused]).includes(text)));
  }));

Deno.test("openDataset() finds patients of DICOM in images, and masks beside series", () =>
  withFolder(async (dir) => {
    const [anna, ben] = ["anna", "ben"].map((id, i) => writeSeries(`${dir}/a/images/${id}`, i));
    await writeTiny(`${dir}/a/labels/ben.nii.gz`, tinyMask(2));
    const { patients } = await openDataset(`${dir}/a`);
    assert.deepEqual(patients.map(({ id, scans }) => [id, ...scans]), [
      ["anna", { image: anna }],
      ["ben", { image: ben, mask: `${dir}/a/labels/ben.nii.gz` }],
    ]);
    const carl = writeSeries(`${dir}/b/carl/dicom`, 3);
    await writeTiny(`${dir}/b/carl/outlines.nii.gz`, tinyMask(2));
    await writeTiny(`${dir}/b/carl/converted.nii.gz`, tinyImage());
    const dora = writeSeries(`${dir}/b/dora`, 4);
    for (const name of ["one", "two"]) await writeTiny(`${dir}/b/dora/${name}.nii`, tinyMask(2));
    const beside = await openDataset(`${dir}/b`);
    assert.deepEqual(beside.patients.map(({ scans: [scan] }) => scan), [
      { image: carl, mask: `${dir}/b/carl/outlines.nii.gz` },
      { image: dora },
    ]);
    assert.equal(beside.unused?.length, 3);
  }));

Deno.test("openDataset() takes DICOM files in the folder itself as one patient's", () =>
  withFolder(async (dir) => {
    const image = writeSeries(`${dir}/anna`, 1);
    const { patients } = await openDataset(`${dir}/anna`);
    assert.deepEqual(patients.map(({ id, scans }) => [id, scans]), [["anna", [{ image }]]]);
  }));

Deno.test("openDataset() refuses one examination in two patients' folders", () =>
  withFolder(async (dir) => {
    writeSeries(`${dir}/anna`, 1, 1);
    writeSeries(`${dir}/anna-again`, 1, 2);
    await assert.rejects(
      openDataset(dir),
      /a folder for each patient, found one examination in anna and anna-again; put its series/,
    );
  }));

Deno.test("openDataset() reads patients whose files tell neither examination nor series", () =>
  withFolder(async (dir) => {
    const more = [[0x0020000d, "UI", ""], [0x0020000e, "UI", ""]] as const;
    for (const id of ["anna", "ben"]) writeStack(`${dir}/${id}`, [30, 38], () => ({ more }));
    const { patients } = await openDataset(dir);
    assert.deepEqual(patients.map(({ id, scans }) => [id, scans.length]), [["anna", 1], [
      "ben",
      1,
    ]]);
  }));

Deno.test("openDataset() refuses a mask that fits several series, and folders without a scan", () =>
  withFolder(async (dir) => {
    writeSeries(`${dir}/set/anna/a`, 1, 1);
    writeSeries(`${dir}/set/anna/b`, 1, 2);
    await writeTiny(`${dir}/set/labels/anna.nii.gz`, tinyMask(1));
    await assert.rejects(
      openDataset(`${dir}/set`),
      /labels\/anna.nii.gz: expected the shape of one of the patient's 2 series, found 4 × 3 × 2, that/,
    );
    Deno.mkdirSync(`${dir}/none`);
    Deno.writeFileSync(`${dir}/none/report`, dicomSlice({ empty: true, size: [0, 0] }));
    await assert.rejects(
      openDataset(`${dir}/none`),
      /expected DICOM series, found none: report is not used, for it holds no image/,
    );
  }));
