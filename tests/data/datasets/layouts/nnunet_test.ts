import assert from "node:assert/strict";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../../support/datasets.ts";
import { WORDINGS } from "../../../support/wordings.ts";

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
  for (const id of ["Tr/prostate_02", "Tr/prostate_01", "Ts/prostate_03"]) {
    for (const channel of ["0000", "0001"]) {
      await writeTiny(`${dir}/images${id}_${channel}.nii.gz`, tinyImage());
    }
    if (id.startsWith("Tr")) await writeTiny(`${dir}/labels${id}.nii.gz`, tinyMask(2));
  }
  await Deno.writeTextFile(`${dir}/dataset.json`, nnunetJson());
}

Deno.test("openDataset() recognises nnU-Net's layout and takes all channels", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    const { layout, structures, channels, patients } = await openDataset(dir);
    assert.equal(layout, "nnunet");
    assert.deepEqual(structures, [{ label: 1, name: "PZ" }, { label: 2, name: "TZ" }]);
    assert.deepEqual(channels, ["T2", "ADC"]);
    const scan = (stem: string) => ({
      image: `${dir}/${stem}_0000.nii.gz`,
      channels: [{ path: `${dir}/${stem}_0000.nii.gz` }, { path: `${dir}/${stem}_0001.nii.gz` }],
    });
    const training = (id: string) => ({
      id,
      group: "",
      part: "training",
      scans: [{ ...scan(`imagesTr/${id}`), mask: `${dir}/labelsTr/${id}.nii.gz` }],
    });
    const test = {
      id: "prostate_03",
      group: "",
      part: "testing",
      scans: [scan("imagesTs/prostate_03")],
    };
    assert.deepEqual(patients, [training("prostate_01"), training("prostate_02"), test]);
    await writeTiny(`${dir}/labelsTs/prostate_03.nii.gz`, tinyMask(2));
    const [, , { scans }] = (await openDataset(dir)).patients;
    assert.equal(scans[0].mask, `${dir}/labelsTs/prostate_03.nii.gz`);
  }));

Deno.test("openDataset() refuses a case that lacks a channel, or leaves it to be zero", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    await Deno.remove(`${dir}/imagesTr/prostate_02_0000.nii.gz`);
    await assert.rejects(
      openDataset(dir),
      /RangeError: .*expected the channel T2 of every scan, found none of prostate_02; .*missingChannel to zero/,
    );
    const { patients } = await openDataset(dir, { data: { missingChannel: "zero" } });
    const path = `${dir}/imagesTr/prostate_02_0001.nii.gz`;
    assert.equal(patients[1].scans[0].image, path);
    assert.deepEqual(patients[1].scans[0].channels, [{}, { path }]);
  }));

Deno.test("openDataset() takes nnU-Net's unlabelled cases, and tells of files that are no channel", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    await Deno.remove(`${dir}/labelsTr/prostate_02.nii.gz`);
    await writeTiny(`${dir}/imagesTr/prostate_01_0002.nii.gz`, tinyImage());
    await writeTiny(`${dir}/labelsTr/prostate_09.nii.gz`, tinyMask(1));
    const { patients, unused = [] } = await openDataset(dir);
    assert.deepEqual(patients.map(({ scans: [{ mask }] }) => mask !== undefined), [
      true,
      false,
      false,
    ]);
    assert.deepEqual(unused.map(({ path }) => path), [
      `${dir}/imagesTr/prostate_01_0002.nii.gz`,
      `${dir}/labelsTr/prostate_09.nii.gz`,
    ]);
  }));

Deno.test("openDataset() takes the cases that nnU-Net's dataset.json lists itself", () =>
  withFolder(async (dir) => {
    const listed = (images: string[]) =>
      nnunetJson({ dataset: { a: { images, label: "m/a.nii" } } });
    await Deno.writeTextFile(`${dir}/dataset.json`, listed(["./t2/a.nii", "adc/a.nii"]));
    const { patients } = await openDataset(dir);
    const [t2, adc] = [`${dir}/t2/a.nii`, `${dir}/adc/a.nii`];
    assert.deepEqual(patients[0].scans, [{
      image: t2,
      channels: [{ path: t2 }, { path: adc }],
      mask: `${dir}/m/a.nii`,
    }]);
    await Deno.writeTextFile(`${dir}/dataset.json`, listed(["../other/a.nii"]));
    await assert.rejects(
      openDataset(dir),
      /RangeError: .*expected paths within the dataset, found \.\.\/other\/a\.nii/,
    );
    await Deno.writeTextFile(`${dir}/dataset.json`, listed(["a.nii", "b.nii", "c.nii"]));
    await assert.rejects(openDataset(dir), /RangeError: .*expected 2 images of a, .*, found 3/);
  }));

Deno.test("openDataset() keeps the values of nnU-Net's labels, its regions and its ignore label", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    const open = async (labels: Record<string, number | number[]>) => {
      await Deno.writeTextFile(`${dir}/dataset.json`, nnunetJson({ labels }));
      const { structures, regions, ignore } = await openDataset(dir);
      return { structures, regions, ignore };
    };
    assert.deepEqual(await open({ background: 0, x: 4, y: 2, ignore: 5 }), {
      structures: [{ label: 1, name: "y", values: [2] }, { label: 2, name: "x", values: [4] }],
      regions: undefined,
      ignore: 5,
    });
    // BraTS 2021's: necrosis 1, oedema 2, enhancing tumour 4.
    const brats = { background: 0, whole: [1, 2, 4], core: [1, 4], enhancing: 4 };
    assert.deepEqual(await open(brats), {
      structures: [
        { label: 1, name: "whole and core alone" },
        { label: 2, name: "whole alone" },
        { label: 3, name: "enhancing", values: [4] },
      ],
      regions: [
        { name: "whole", labels: [1, 2, 3] },
        { name: "core", labels: [1, 3] },
        { name: "enhancing", labels: [3] },
      ],
      ignore: undefined,
    });
    // Lists that share nothing are structures of several values.
    assert.deepEqual(await open({ background: 0, lungs: [3, 1], heart: 2 }), {
      structures: [
        { label: 1, name: "lungs", values: [1, 3] },
        { label: 2, name: "heart" },
      ],
      regions: undefined,
      ignore: undefined,
    });
  }));

Deno.test("openDataset() tells two channels of one name apart", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    await Deno.writeTextFile(
      `${dir}/dataset.json`,
      nnunetJson({ channel_names: { 1: "CT", 0: "CT" } }),
    );
    assert.deepEqual((await openDataset(dir)).channels, ["CT 0", "CT 1"]);
  }));

const bad: [string, string, RegExp][] = [
  ["no JSON", '{"channel_names":', /SyntaxError: .*dataset\.json: expected JSON/],
  ["no labels", nnunetJson({ labels: undefined }), /SyntaxError: .*"labels".*found undefined/],
  [
    "the background in a region",
    nnunetJson({ labels: { background: 0, all: [0, 1] } }),
    /RangeError: .*other than the background's, 0, for "all", found 0/,
  ],
  [
    "two names for one label",
    nnunetJson({ labels: { background: 0, a: 1, b: [1] } }),
    /RangeError: .*expected one name for 1, found "a" and "b"/,
  ],
  [
    "an ignore label that is another's",
    nnunetJson({ labels: { background: 0, a: 1, ignore: 1 } }),
    /RangeError: .*one whole number of its own for the label "ignore", found 1/,
  ],
  [
    "a gap in the channels",
    nnunetJson({ channel_names: { 0: "T2", 2: "ADC" } }),
    new RegExp(`RangeError: .*${WORDINGS.numberedChannels}.* found 0, 2`),
  ],
  ["files of no known format", nnunetJson({ file_ending: ".jpg" }), /TypeError: .*found "\.jpg"/],
];
for (const [what, json, message] of bad) {
  Deno.test(`openDataset() refuses an nnU-Net dataset with ${what}`, () =>
    withFolder(async (dir) => {
      await writeCases(dir);
      await Deno.writeTextFile(`${dir}/dataset.json`, json);
      await assert.rejects(openDataset(dir), message);
    }));
}

Deno.test("openDataset() refuses nnU-Net datasets without images, and a case twice", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    await writeTiny(`${dir}/imagesTs/prostate_01_0000.nii.gz`, tinyImage());
    await assert.rejects(openDataset(dir), /RangeError: .*found prostate_01 twice/);
    await Deno.remove(`${dir}/imagesTr`, { recursive: true });
    await assert.rejects(
      openDataset(dir),
      /imagesTr: expected files CASE_0000\.nii\.gz, found none/,
    );
  }));

Deno.test("openDataset() joins the cases that dataset.json says are of one patient", () =>
  withFolder(async (dir) => {
    await writeCases(dir);
    const join = async (patients: Record<string, string[]>) => {
      await Deno.writeTextFile(`${dir}/dataset.json`, nnunetJson({ patients }));
      return await openDataset(dir);
    };
    const { patients } = await join({ anna: ["prostate_01", "prostate_02"] });
    assert.deepEqual(patients.map(({ id, scans }) => [id, scans.length]), [
      ["anna", 2],
      ["prostate_03", 1],
    ]);
    await assert.rejects(
      join({ anna: ["prostate_01", "prostate_03"] }),
      /RangeError: .*dataset\.json: expected all cases of anna in one part, found them in both/,
    );
  }));
