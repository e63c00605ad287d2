import assert from "node:assert/strict";
import { checkDataset } from "../../../lib/data/datasets/check/check_data.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readNifti } from "../../../lib/data/volumes/nifti_read.ts";
import { readScan } from "../../../lib/data/datasets/read_scan.ts";
import {
  tinyImage,
  tinyMask,
  withFolder,
  writeAcdcPatient,
  writeTiny,
} from "../../support/datasets.ts";
import { WORDINGS } from "../../support/wordings.ts";

/** Opens a dataset and reads all of its files. */
async function readAll(dir: string): Promise<void> {
  const dataset = await openDataset(dir);
  for (const { scans } of dataset.patients) {
    for (const scan of scans) await readScan(scan, dataset);
  }
}

/** Moves a file or folder of a dataset out of it, and leaves a link in its place. */
function moveOut(path: string, outside: string): void {
  Deno.renameSync(path, outside);
  Deno.symlinkSync(outside, path);
}

const msd = { name: "m", labels: { 0: "b", 1: "one" } };
const files: Record<string, (dir: string) => Promise<unknown>> = {
  acdc: (dir) => writeAcdcPatient(dir, "patient001"),
  mnms: async (dir) => {
    await writeTiny(`${dir}/A1/A1_sa.nii`, tinyImage());
    Deno.writeTextFileSync(`${dir}/info.csv`, "External code,ED,ES\nA1,0,0\n");
  },
  mnms2: async (dir) => {
    for (const phase of ["ED", "ES"]) {
      await writeTiny(`${dir}/001/001_SA_${phase}.nii`, tinyImage());
    }
    Deno.writeTextFileSync(`${dir}/info.csv`, "SUBJECT_CODE,DISEASE\n1,NOR\n");
  },
  nnunet: async (dir) => {
    await writeTiny(`${dir}/imagesTr/a_0000.nii`, tinyImage());
    await writeTiny(`${dir}/labelsTr/a.nii`, tinyMask(1));
    const json = { channel_names: { 0: "x" }, labels: { b: 0, one: 1 }, file_ending: ".nii" };
    Deno.writeTextFileSync(`${dir}/dataset.json`, JSON.stringify(json));
  },
  msd: async (dir) => {
    await writeTiny(`${dir}/i/a.nii`, tinyImage());
    await writeTiny(`${dir}/l/a.nii`, tinyMask(1));
    const training = [{ image: "i/a.nii", label: "l/a.nii" }];
    Deno.writeTextFileSync(`${dir}/dataset.json`, JSON.stringify({ ...msd, training }));
  },
  bids: async (dir) => {
    await writeTiny(`${dir}/sub-1/anat/sub-1_T1w.nii`, tinyImage());
    await writeTiny(`${dir}/derivatives/x/sub-1/anat/sub-1_dseg.nii`, tinyMask(1));
    Deno.writeTextFileSync(`${dir}/participants.tsv`, "participant_id\tgroup\nsub-1\tA\n");
  },
  folder: async (dir) => {
    await writeTiny(`${dir}/images/a.nii`, tinyImage());
    await writeTiny(`${dir}/labels/a.nii`, tinyMask(1));
  },
  patients: async (dir) => {
    await writeTiny(`${dir}/a/imaging.nii`, tinyImage());
    await writeTiny(`${dir}/a/segmentation.nii`, tinyMask(1));
  },
};
const links: [layout: string, file: string][] = [
  ["acdc", "patient001"],
  ["acdc", "patient001/Info.cfg"],
  ["acdc", "patient001/patient001_frame08.nii.gz"],
  ["acdc", "patient001/patient001_frame01_gt.nii.gz"],
  ["mnms", "info.csv"],
  ["mnms", "A1/A1_sa.nii"],
  ["mnms2", "info.csv"],
  ["mnms2", "001/001_SA_ES.nii"],
  ["nnunet", "dataset.json"],
  ["nnunet", "imagesTr"],
  ["nnunet", "labelsTr/a.nii"],
  ["msd", "dataset.json"],
  ["msd", "i"],
  ["msd", "l/a.nii"],
  ["bids", "participants.tsv"],
  ["bids", "sub-1/anat"],
  ["folder", "images"],
  ["folder", "images/a.nii"],
  ["folder", "labels/a.nii"],
  ["patients", "a"],
];
for (const [layout, file] of links) {
  Deno.test(`a dataset of ${layout} is not read where ${file} leads out of its folder`, () =>
    withFolder(async (dir) => {
      Deno.mkdirSync(`${dir}/data`);
      await files[layout](`${dir}/data`);
      await readAll(`${dir}/data`);
      // A link to the dataset's own folder is as good as the folder.
      Deno.symlinkSync(`${dir}/data`, `${dir}/link`);
      await readAll(`${dir}/link`);
      moveOut(`${dir}/data/${file}`, `${dir}/outside`);
      for (const root of ["data", "link"]) {
        await assert.rejects(
          readAll(`${dir}/${root}`),
          new RegExp(
            String.raw`RangeError: \S+: ${WORDINGS.leadsOut} to \S+outside\S*; copy the file there`,
          ),
        );
      }
    }));
}

for (
  const [layout, file] of [
    ["bids", "derivatives/x/sub-1/anat/sub-1_dseg.nii"],
    ["patients", "a/segmentation.nii"],
    ["folder", "labels"],
  ]
) {
  Deno.test(`openDataset() tells of ${file} of ${layout} that it leads out, and reads the rest`, () =>
    withFolder(async (dir) => {
      await files[layout](`${dir}/data`);
      moveOut(`${dir}/data/${file}`, `${dir}/outside`);
      const { patients, unused = [] } = await openDataset(`${dir}/data`);
      assert.deepEqual(patients.map(({ scans }) => scans[0].mask), [undefined]);
      assert.equal(unused.length, 1);
      assert.equal(unused[0].path, `${dir}/data/${file}`);
      assert.match(
        unused[0].why,
        new RegExp(`it ${WORDINGS.leadsOut} to .*outside; copy it there`),
      );
    }));
}

for (
  const [layout, folder] of [
    ["acdc", "patient001"],
    ["mnms", "A1"],
    ["mnms2", "001"],
    ["nnunet", "imagesTr"],
    ["msd", "i"],
    ["bids", "sub-1"],
    ["bids", "derivatives/x"],
    ["folder", "labels"],
    ["patients", "a"],
  ]
) {
  Deno.test(`a dataset of ${layout} is the same where ${folder} is a link within it`, () =>
    withFolder(async (dir) => {
      await files[layout](dir);
      const before = await openDataset(dir);
      Deno.mkdirSync(`${dir}/.store`);
      moveOut(`${dir}/${folder}`, `${dir}/.store/1`);
      assert.deepEqual(await openDataset(dir), before);
    }));
}

Deno.test("openDataset() counts nobody twice whose folder has a link beside it", () =>
  withFolder(async (dir) => {
    await files.patients(dir);
    Deno.symlinkSync("a", `${dir}/b`);
    assert.deepEqual((await openDataset(dir)).patients.map(({ id }) => id), ["a"]);
  }));

Deno.test("links within a dataset's folder are followed", () =>
  withFolder(async (dir) => {
    await files.folder(dir);
    Deno.mkdirSync(`${dir}/objects`);
    moveOut(`${dir}/images/a.nii`, `${dir}/objects/1`);
    await readAll(dir);
  }));

Deno.test("checkDataset() reports a link that leads out among the other scans", () =>
  withFolder(async (dir) => {
    await files.acdc(`${dir}/data`);
    moveOut(`${dir}/data/patient001/patient001_frame08.nii.gz`, `${dir}/outside`);
    const { scans, errors } = await checkDataset(await openDataset(`${dir}/data`));
    assert.equal(errors, 1);
    assert.match(scans[1].error ?? "", new RegExp(WORDINGS.leadsOut));
  }));

Deno.test("the image of a pair may not lead out either", () =>
  withFolder(async (dir) => {
    Deno.mkdirSync(`${dir}/data`);
    const header = new Uint8Array(348);
    const view = new DataView(header.buffer);
    view.setInt32(0, 348, true);
    [3, 1, 1, 1].forEach((length, i) => view.setInt16(40 + 2 * i, length, true));
    view.setInt16(70, 2, true);
    header.set(new TextEncoder().encode("ni1\0"), 344);
    Deno.writeFileSync(`${dir}/data/a.hdr`, header);
    Deno.writeFileSync(`${dir}/secret`, Uint8Array.of(42));
    Deno.symlinkSync(`${dir}/secret`, `${dir}/data/a.img`);
    assert.deepEqual((await readNifti(`${dir}/data/a.hdr`)).voxels, Uint8Array.of(42));
    await assert.rejects(
      readNifti(`${dir}/data/a.hdr`, { within: `${dir}/data` }),
      /RangeError: \S+a\.img: leads out/,
    );
  }));
