import assert from "node:assert/strict";
import { loadCohort } from "../../../../lib/data/slices/cohort.ts";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import { splitPatients } from "../../../../lib/data/datasets/splits.ts";
import {
  tinyImage,
  tinyMask,
  withFolder,
  writeTiny,
  writeTinyFrames,
} from "../../../support/datasets.ts";

const CSV = "211230_M&Ms_Dataset_information_diagnosis_opendataset.csv";
const HEAD = ",External code,VendorName,Vendor,Centre,ED,ES,Age,Pathology,Sex,Height,Weight";

/** Labelled patients in three parts, an unlabelled one, and a row without files. */
const FOLDERS: Record<string, string> = {
  B1: "Training/Labeled",
  A0S9V9: "Training/Labeled",
  C2: "Training/Unlabeled",
  D3: "Validation",
  E4: "Testing",
};

async function writeMnms(dir: string): Promise<void> {
  for (const [id, folder] of Object.entries(FOLDERS)) {
    const stem = `${dir}/${folder}/${id}/${id}_sa`;
    const frames = [0, 1, 2].map((frame) => tinyImage().map((value) => value + frame));
    await writeTinyFrames(`${stem}.nii.gz`, frames);
    await writeTinyFrames(`${stem}_gt.nii.gz`, [tinyMask(3), tinyMask(0), tinyMask(2)]);
  }
  const rows = [...Object.keys(FOLDERS), "Z9"].map((id, i) =>
    `${i},${id},Siemens,A,1,0,2,50,${id === "B1" ? "HCM" : "NOR"},F,170,60`
  );
  await Deno.writeTextFile(`${dir}/${CSV}`, [HEAD, ...rows].join("\n"));
}

Deno.test("openDataset() recognises M&Ms and names the frames of its 4D files", () =>
  withFolder(async (dir) => {
    await writeMnms(dir);
    const dataset = await openDataset(dir);
    assert.equal(dataset.layout, "mnms");
    assert.deepEqual(dataset.structures.map(({ name }) => name), ["LV", "MYO", "RV"]);
    assert.deepEqual(dataset.patients.map(({ id, group, part }) => [id, group, part]), [
      ["A0S9V9", "NOR", "training"],
      ["B1", "HCM", "training"],
      ["C2", "NOR", "training"],
      ["D3", "NOR", "validation"],
      ["E4", "NOR", "testing"],
    ]);
    const stem = `${dir}/Training/Labeled/B1/B1_sa`;
    const files = { image: `${stem}.nii.gz`, mask: `${stem}_gt.nii.gz` };
    assert.deepEqual(dataset.patients[1].scans, [
      { ...files, frame: 0, phase: "ED" },
      { ...files, frame: 2, phase: "ES" },
    ]);
    assert.equal(dataset.patients[1].cine, files.image);
    // What is called unlabelled has files of masks, without labels.
    assert.ok(dataset.patients[2].scans.every(({ mask }) => mask === undefined));
    const { test, pool } = splitPatients(dataset);
    assert.deepEqual([test, pool], [["E4"], ["A0S9V9", "B1", "C2"]]);
    const grid = { size: 4, spacing: 1.5 };
    const [ed, es] = await loadCohort(dataset, ["B1"], { grid, labelled: true });
    assert.deepEqual([ed.reference, es.reference], [tinyMask(3), tinyMask(2)]);
    const unlabelled = await loadCohort(dataset, ["C2"], { grid, labelled: false, cineFrames: 2 });
    assert.equal(unlabelled.length, 4);
  }));

Deno.test("openDataset() refuses M&Ms patients without their row or frames", () =>
  withFolder(async (dir) => {
    await writeMnms(dir);
    const table = Deno.readTextFileSync(`${dir}/${CSV}`);
    const rejects = async (csv: string, message: RegExp) => {
      await Deno.writeTextFile(`${dir}/${CSV}`, csv);
      await assert.rejects(openDataset(dir), message);
    };
    await rejects(table.replace(",B1,", ",B2,"), /SyntaxError: .*\.csv: .*found no B1/);
    await rejects(
      table.replace("B1,Siemens,A,1,0,", "B1,Siemens,A,1,,"),
      /SyntaxError: .*expected the ED frame of B1, from 0, found ""/,
    );
    await writeTinyFrames(`${dir}/Testing/B1/B1_sa.nii.gz`, [tinyImage()]);
    await rejects(table, /RangeError: .*found B1 twice/);
    for (const folder of ["Training", "Validation", "Testing"]) {
      await Deno.remove(`${dir}/${folder}`, { recursive: true });
    }
    await rejects(table, /SyntaxError: .*expected patients' folders beside the CSV, found none/);
  }));

Deno.test("openDataset() recognises M&Ms-2 and its parts", () =>
  withFolder(async (dir) => {
    for (const id of ["161", "001", "201"]) {
      const stem = `${dir}/dataset/${id}/${id}`;
      for (const phase of ["ED", "ES"]) {
        await writeTiny(`${stem}_SA_${phase}.nii.gz`, tinyImage());
        await writeTiny(`${stem}_SA_${phase}_gt.nii.gz`, tinyMask(3));
        await writeTiny(`${stem}_LA_${phase}.nii.gz`, tinyImage());
      }
      await writeTinyFrames(`${stem}_SA_CINE.nii.gz`, [tinyImage(), tinyImage()]);
    }
    const csv = "SUBJECT_CODE,DISEASE,VENDOR,SCANNER,FIELD\n1,NOR,S,S,1.5\n161,LV,S,S,1.5\n";
    await Deno.writeTextFile(`${dir}/dataset_information.csv`, `${csv}201,TRI,S,S,3\n`);
    const { layout, structures, patients } = await openDataset(dir);
    assert.equal(layout, "mnms2");
    assert.deepEqual(structures.map(({ name }) => name), ["LV", "MYO", "RV"]);
    assert.deepEqual(patients.map(({ id, group, part }) => [id, group, part]), [
      ["001", "NOR", "training"],
      ["161", "LV", "validation"],
      ["201", "TRI", "testing"],
    ]);
    const stem = `${dir}/dataset/001/001_SA`;
    assert.deepEqual(patients[0].scans, [
      { image: `${stem}_ED.nii.gz`, mask: `${stem}_ED_gt.nii.gz`, phase: "ED" },
      { image: `${stem}_ES.nii.gz`, mask: `${stem}_ES_gt.nii.gz`, phase: "ES" },
    ]);
    assert.equal(patients[0].cine, `${stem}_CINE.nii.gz`);
    await Deno.remove(`${stem}_ES.nii.gz`);
    await assert.rejects(openDataset(dir), /001: expected 001_SA_ES\.nii\.gz, found no file/);
    await Deno.writeTextFile(`${dir}/dataset_information.csv`, csv);
    await Deno.remove(`${dir}/dataset/001`, { recursive: true });
    await assert.rejects(openDataset(dir), /dataset_information\.csv: .*found no 201/);
  }));
