import assert from "node:assert/strict";
import { isDicom } from "../../../../lib/data/formats/dicom/encoding.ts";
import { listDicomSeries } from "../../../../lib/data/formats/dicom/list_series.ts";
import { tinyImage, withFolder, writeTiny } from "../../../support/datasets.ts";
import { dicomSlice, PRIVATE, writeStack } from "../../../support/dicom.ts";
import { niftiBytes } from "../../../support/nifti.ts";
import { WORDINGS } from "../../../support/wordings.ts";

Deno.test("isDicom() tells DICOM from other files, with a preamble or without", () => {
  for (const implicit of [false, true]) {
    for (const bare of [false, true]) assert.ok(isDicom(dicomSlice({ implicit, bare })));
  }
  assert.ok(!isDicom(niftiBytes()));
  assert.ok(!isDicom(new Uint8Array(0)));
  assert.ok(!isDicom(new Uint8Array(1000)));
  assert.ok(!isDicom(Uint8Array.from([8, 0, 5, 0, 10, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9])));
});

Deno.test("listDicomSeries() sorts files into series, each in order along the stack", () =>
  withFolder(async (dir) => {
    writeStack(`${dir}/b`, [6, 4, 2], (i) => ({ name: `IM${i}`, number: [2, 3, 1][i], series: 3 }));
    writeStack(`${dir}/a/deep`, [0, 2, 4, 6], (i) => ({ series: 1 + i % 2, examination: 2 }));
    Deno.writeTextFileSync(`${dir}/a/notes`, "not DICOM");
    Deno.writeFileSync(`${dir}/b/._IM0`, dicomSlice());
    const { series, unused } = await listDicomSeries(dir);
    assert.deepEqual(series, [
      {
        files: [`${dir}/a/deep/slice0.dcm`, `${dir}/a/deep/slice2.dcm`],
        shape: [6, 5, 2],
        examination: 0,
      },
      {
        files: [`${dir}/a/deep/slice1.dcm`, `${dir}/a/deep/slice3.dcm`],
        shape: [6, 5, 2],
        examination: 0,
      },
      {
        files: [`${dir}/b/IM2`, `${dir}/b/IM1`, `${dir}/b/IM0`],
        shape: [6, 5, 3],
        examination: 1,
      },
    ]);
    assert.deepEqual(unused, []);
  }));

Deno.test("listDicomSeries() tells what it does not use, and why", () =>
  withFolder(async (dir) => {
    writeStack(`${dir}/scan`, [0, 2]);
    const odd = (name: string, options: Parameters<typeof dicomSlice>[0]) =>
      Deno.writeFileSync(`${dir}/${name}`, dicomSlice({ instance: 7, ...options }));
    odd("1 report", { series: 2, modality: "SR", empty: true, size: [0, 0] });
    odd("2 segmentation", { series: 3, modality: "SEG" });
    odd("3 scout", { series: 4, imageType: "ORIGINAL\\PRIMARY\\LOCALIZER" });
    odd("4 across", { series: 5, instance: 1 });
    odd("5 along", { series: 5, instance: 2, orientation: [0, 1, 0, 0, 0, -1] });
    odd("6 photograph", { series: 6, more: [[0x00280002, "US", "\x03\0"]] });
    odd("7 screenshot", { series: 7, more: [[0x00200032, "DS", ""]] });
    Deno.writeFileSync(`${dir}/8 damaged`, dicomSlice().subarray(0, 300));
    writeStack(`${dir}/half`, [4, 6], () => ({ series: 8 }));
    writeStack(`${dir}/other half`, [8, 10], () => ({ series: 8 }));
    const { series, unused } = await listDicomSeries(dir);
    assert.deepEqual(series.map(({ files }) => files[0]), [`${dir}/scan/slice0.dcm`]);
    const told = unused.map(({ path, why }) => `${path.slice(dir.length + 1)}: ${why}`).sort();
    assert.deepEqual(told, [
      "1 report: it holds no image",
      "2 segmentation: it is a segmentation in DICOM, which is not read; save it as NIfTI",
      "3 scout: it is a localiser, an overview for planning",
      "4 across: it is a localiser, an overview for planning (and 1 more of its series)",
      "6 photograph: it is a picture in colours",
      "7 screenshot: it does not tell where it lies in the patient",
      "8 damaged: expected a whole DICOM file, found one that is truncated or damaged; copy it again",
      `half/slice0.dcm: its series also lies in ${dir}/other half; keep it in one (and 1 more of its series)`,
      `other half/slice0.dcm: its series also lies in ${dir}/half; keep it in one (and 1 more of its series)`,
    ]);
    assert.ok(PRIVATE.every((text) => !JSON.stringify([series, unused]).includes(text)));
    assert.ok(!JSON.stringify([series, unused]).includes("1.2.826"));
  }));

Deno.test("listDicomSeries() opens no link that leads out of the dataset", () =>
  withFolder(async (dir) => {
    writeStack(`${dir}/set`, [0, 2]);
    Deno.writeFileSync(`${dir}/outside`, dicomSlice({ position: [-10, -20, 4], instance: 9 }));
    Deno.symlinkSync(`${dir}/outside`, `${dir}/set/link`);
    Deno.symlinkSync(dir, `${dir}/set/loop`);
    const { series, unused } = await listDicomSeries(`${dir}/set`, { within: `${dir}/set` });
    assert.equal(series[0].files.length, 2);
    assert.match(unused[0].why, new RegExp(WORDINGS.leadsOut));
    await writeTiny(`${dir}/set/scan.nii.gz`, tinyImage());
    assert.equal((await listDicomSeries(`${dir}/set`)).series[0].files.length, 3);
  }));
