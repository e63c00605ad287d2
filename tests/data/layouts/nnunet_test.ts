import assert from "node:assert/strict";
import { openDataset } from "../../../lib/data/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../support/datasets.ts";

/** A sound dataset.json, with other fields in place of its own. */
const nnunetJson = (fields: Record<string, unknown> = {}) =>
  JSON.stringify({
    channel_names: { "0": "T2", "1": "ADC" },
    labels: { TZ: 2, background: 0, PZ: 1 },
    numTraining: 2,
    file_ending: ".nii.gz",
    ...fields,
  });

/** Writes two training cases of two channels, and a test case. */
async function writeCases(dir: string): Promise<void> {
  for (const id of ["prostate_02", "prostate_01"]) {
    for (const channel of ["0000", "0001"]) {
      await writeTiny(`${dir}/imagesTr/${id}_${channel}.nii.gz`, tinyImage());
    }
    await writeTiny(`${dir}/labelsTr/${id}.nii.gz`, tinyMask(2));
  }
  await writeTiny(`${dir}/imagesTs/prostate_03_0000.nii.gz`, tinyImage());
  await Deno.writeTextFile(`${dir}/dataset.json`, nnunetJson());
}

Deno.test("openDataset() recognises nnU-Net's layout and takes the first channel", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    const { layout, structures, patients } = await openDataset(dir);
    assert.equal(layout, "nnunet");
    assert.deepEqual(structures, [{ label: 1, name: "PZ" }, { label: 2, name: "TZ" }]);
    const training = (id: string) => ({
      id,
      group: "",
      part: "training",
      scans: [{
        image: `${dir}/imagesTr/${id}_0000.nii.gz`,
        mask: `${dir}/labelsTr/${id}.nii.gz`,
      }],
    });
    const test = {
      id: "prostate_03",
      group: "",
      part: "testing",
      scans: [{ image: `${dir}/imagesTs/prostate_03_0000.nii.gz` }],
    };
    assert.deepEqual(patients, [training("prostate_01"), training("prostate_02"), test]);
    await writeTiny(`${dir}/labelsTs/prostate_03.nii.gz`, tinyMask(2));
    const [, , { scans }] = (await openDataset(dir)).patients;
    assert.equal(scans[0].mask, `${dir}/labelsTs/prostate_03.nii.gz`);
  }));

Deno.test("openDataset() takes the cases that nnU-Net's dataset.json lists itself", () =>
  withFolder(async (dir) => {
    const listed = (images: string[]) =>
      nnunetJson({ dataset: { a: { images, label: "m/a.nii" } } });
    await Deno.writeTextFile(`${dir}/dataset.json`, listed(["./t2/a.nii", "adc/a.nii"]));
    const { patients } = await openDataset(dir);
    assert.deepEqual(patients, [{
      id: "a",
      group: "",
      part: "training",
      scans: [{ image: `${dir}/t2/a.nii`, mask: `${dir}/m/a.nii` }],
    }]);
    await Deno.writeTextFile(`${dir}/dataset.json`, listed(["../other/a.nii"]));
    await assert.rejects(
      openDataset(dir),
      /RangeError: .*expected paths within the dataset, found \.\.\/other\/a\.nii/,
    );
  }));

const bad: [string, string, RegExp][] = [
  ["no JSON", '{"channel_names":', /SyntaxError: .*dataset\.json: expected JSON/],
  ["no labels", nnunetJson({ labels: undefined }), /SyntaxError: .*"labels".*found undefined/],
  ["a gap in the labels", nnunetJson({ labels: { background: 0, x: 2 } }), /found 0, 2/],
  ["regions", nnunetJson({ labels: { background: 0, all: [1, 2] } }), /TypeError: .*region "all"/],
  [
    "an ignore label",
    nnunetJson({ labels: { background: 0, ignore: 1 } }),
    /TypeError: .*"ignore"/,
  ],
  ["files that are no NIfTI", nnunetJson({ file_ending: ".png" }), /TypeError: .*found "\.png"/],
];
for (const [what, json, message] of bad) {
  Deno.test(`openDataset() refuses an nnU-Net dataset with ${what}`, () =>
    withFolder(async (dir) => {
      await writeCases(dir);
      await Deno.writeTextFile(`${dir}/dataset.json`, json);
      await assert.rejects(openDataset(dir), message);
    }));
}

Deno.test("openDataset() refuses nnU-Net cases without image or mask, and a case twice", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    await writeTiny(`${dir}/imagesTs/prostate_01_0000.nii.gz`, tinyImage());
    await assert.rejects(openDataset(dir), /RangeError: .*found prostate_01 twice/);
    await Deno.remove(`${dir}/labelsTr/prostate_02.nii.gz`);
    await assert.rejects(openDataset(dir), /SyntaxError: .*labelsTr: .*no prostate_02\.nii\.gz/);
    await Deno.remove(`${dir}/imagesTr`, { recursive: true });
    await assert.rejects(
      openDataset(dir),
      /imagesTr: expected files CASE_0000\.nii\.gz, found none/,
    );
  }));
