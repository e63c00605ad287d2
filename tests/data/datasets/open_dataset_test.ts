import assert from "node:assert/strict";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import {
  realDataPath,
  tinyImage,
  tinyMask,
  withFolder,
  withRealData,
  writeAcdcPatient,
  writeTiny,
} from "../../support/datasets.ts";
import { WORDINGS } from "../../support/wordings.ts";

const ACDC = [{ label: 1, name: "RV" }, { label: 2, name: "MYO" }, { label: 3, name: "LV" }];

Deno.test("openDataset() recognises ACDC and ignores what strays in it", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(`${dir}/training`, "patient002", { group: "RV", ed: 4, es: 11 });
    await writeAcdcPatient(`${dir}/training`, "patient001");
    await writeAcdcPatient(`${dir}/testing`, "patient101", { masks: false });
    const folder = `${dir}/training/patient002`;
    await Deno.writeTextFile(`${folder}/MANDATORY_CITATION.md`, "cite");
    await Deno.writeTextFile(`${folder}/._patient002_frame04.nii.gz`, "resource fork");
    const dataset = await openDataset(dir);
    assert.equal(dataset.layout, "acdc");
    assert.deepEqual(dataset.structures, ACDC);
    assert.deepEqual(
      dataset.patients.map(({ id, group, part }) => [id, group, part]),
      [
        ["patient001", "NOR", "training"],
        ["patient002", "RV", "training"],
        ["patient101", "NOR", "testing"],
      ],
    );
    assert.deepEqual(dataset.patients[1].scans, [
      {
        image: `${folder}/patient002_frame04.nii.gz`,
        mask: `${folder}/patient002_frame04_gt.nii.gz`,
        phase: "ED",
      },
      {
        image: `${folder}/patient002_frame11.nii.gz`,
        mask: `${folder}/patient002_frame11_gt.nii.gz`,
        phase: "ES",
      },
    ]);
    assert.ok(dataset.patients[2].scans.every(({ mask }) => mask === undefined));
    assert.ok(dataset.patients.every((patient) => !("cine" in patient)));
    // A part's own folder can be opened too.
    assert.equal((await openDataset(`${dir}/training`)).patients.length, 2);
  }));

Deno.test("openDataset() opens no mask where it may not, and then knows no unnamed structure", () =>
  withFolder(async (dir) => {
    for (const id of ["a", "b"]) {
      await writeTiny(`${dir}/flat/images/${id}.nii.gz`, tinyImage());
      await writeTiny(`${dir}/flat/labels/${id}.nii.gz`, tinyMask(2));
      await writeTiny(`${dir}/people/${id}/scan.nii.gz`, tinyImage());
      await writeTiny(`${dir}/people/${id}/scan_seg.nii.gz`, tinyMask(2));
      await writeTiny(`${dir}/bids/sub-${id}/anat/sub-${id}_T1w.nii.gz`, tinyImage());
      await writeTiny(
        `${dir}/bids/derivatives/x/sub-${id}/anat/sub-${id}_dseg.nii.gz`,
        tinyMask(2),
      );
    }
    for (const layout of ["flat", "people", "bids"]) {
      const [read, unread] = [true, false].map((readMasks) =>
        openDataset(`${dir}/${layout}`, { readMasks })
      );
      const { structures, ...others } = await read;
      assert.deepEqual(structures.map(({ name }) => name), ["label 1", "label 2"], layout);
      assert.deepEqual(await unread, { ...others, structures: [] }, layout);
      assert.ok(others.patients.every(({ scans: [{ mask }] }) => mask !== undefined), layout);
    }
  }));

Deno.test("openDataset() lists ACDC's cines", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(dir, "patient001", { cineFrames: 3 });
    const [{ cine }] = (await openDataset(dir)).patients;
    assert.equal(cine, `${dir}/patient001/patient001_4d.nii.gz`);
  }));

Deno.test("openDataset() refuses ACDC patients without their frames", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(dir, "patient001");
    const info = `${dir}/patient001/Info.cfg`;
    await Deno.writeTextFile(info, "ED: 1\nES: x\n");
    await assert.rejects(
      openDataset(dir),
      /Info\.cfg: expected a line "ES: frame number", found x/,
    );
    await Deno.writeTextFile(info, "ED: 1\nES: 9\n");
    await assert.rejects(openDataset(dir), /expected patient001_frame09\.nii\.gz/);
    await Deno.remove(info);
    await assert.rejects(openDataset(dir), /SyntaxError: .*Info\.cfg: .*found no file/);
  }));

Deno.test("openDataset() refuses a patient in both parts", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(`${dir}/training`, "patient001");
    await writeAcdcPatient(`${dir}/testing`, "patient001");
    await assert.rejects(openDataset(dir), /expected every patient once, found patient001 twice/);
  }));

/** A sound dataset.json, with other fields in place of its own. */
const msdJson = (fields: Record<string, unknown> = {}) =>
  JSON.stringify({
    name: "Tiny",
    labels: { "0": "background", "2": "Posterior", "1": "Anterior" },
    training: [
      { image: "./imagesTr/b.nii.gz", label: "./labelsTr/b.nii.gz" },
      { image: "./imagesTr/a.nii.gz", label: "./labelsTr/a.nii.gz" },
    ],
    test: ["./imagesTs/c.nii.gz"],
    ...fields,
  });

Deno.test("openDataset() recognises the decathlon's layout", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/dataset.json`, msdJson());
    const { name, layout, structures, patients } = await openDataset(dir);
    assert.deepEqual([name, layout], ["Tiny", "msd"]);
    assert.deepEqual(structures, [{ label: 1, name: "Anterior" }, { label: 2, name: "Posterior" }]);
    assert.deepEqual(patients, [
      {
        id: "a",
        group: "",
        part: "training",
        scans: [{ image: `${dir}/imagesTr/a.nii.gz`, mask: `${dir}/labelsTr/a.nii.gz` }],
      },
      {
        id: "b",
        group: "",
        part: "training",
        scans: [{ image: `${dir}/imagesTr/b.nii.gz`, mask: `${dir}/labelsTr/b.nii.gz` }],
      },
      { id: "c", group: "", part: "testing", scans: [{ image: `${dir}/imagesTs/c.nii.gz` }] },
    ]);
  }));

const badJson: [string, string, RegExp][] = [
  ["no JSON", "{", /SyntaxError: .*dataset\.json: expected JSON/],
  [
    "no list of cases",
    msdJson({ training: undefined }),
    /SyntaxError: .*"training".*found undefined/,
  ],
  [
    "labels from name to index",
    msdJson({ labels: { background: 0, tumour: 1 } }),
    /SyntaxError: .*expected string at labels\.background, found 0/,
  ],
  [
    "a label that is not whole",
    msdJson({ labels: { 0: "background", 1.5: "x" } }),
    /RangeError: .*expected whole values .* for "x", found 1\.5/,
  ],
  [
    "a gap in the modalities",
    msdJson({ modality: { 0: "T1", 2: "T2" } }),
    new RegExp(`RangeError: .*${WORDINGS.numberedChannels}.*, found 0, 2`),
  ],
  ["a case twice", msdJson({ test: ["x/a.nii.gz"] }), /expected every case once, found a twice/],
  [
    "a path out of the folder",
    msdJson({ test: ["./imagesTs/../../c.nii.gz"] }),
    /RangeError: .*expected paths within the dataset, found \.\/imagesTs\/\.\.\/\.\.\/c\.nii\.gz/,
  ],
  [
    "an absolute path",
    msdJson({ training: [{ image: "/etc/passwd" }] }),
    /RangeError: .*expected paths within the dataset, found \/etc\/passwd/,
  ],
];
for (const [what, json, message] of badJson) {
  Deno.test(`openDataset() refuses a dataset.json with ${what}`, () =>
    withFolder(async (dir) => {
      await Deno.writeTextFile(`${dir}/dataset.json`, json);
      await assert.rejects(openDataset(dir), message);
    }));
}

for (
  const [images, masks] of [
    ["", "labels"],
    ["images", "masks"],
    ["images", "labels"],
    ["imagesTr", "labelsTr"],
  ]
) {
  Deno.test(`openDataset() recognises a plain folder: images in "${images}", masks in "${masks}"`, () =>
    withFolder(async (dir) => {
      await writeTiny(`${dir}/${images}/a.nii.gz`, tinyImage());
      await writeTiny(`${dir}/${images}/b.nii`, tinyImage());
      await Deno.writeTextFile(`${dir}/${images}/._a.nii.gz`, "resource fork");
      await writeTiny(`${dir}/${masks}/b.nii.gz`, tinyMask(2));
      const { layout, structures, patients } = await openDataset(dir);
      assert.equal(layout, "folder");
      assert.deepEqual(structures, [{ label: 1, name: "label 1" }, { label: 2, name: "label 2" }]);
      assert.deepEqual(patients.map(({ id }) => id), ["a", "b"]);
      assert.equal(patients[0].scans[0].mask, undefined);
      assert.equal(patients[1].scans[0].mask, `${dir}/${masks}/b.nii.gz`);
    }));
}

Deno.test("openDataset() tells masks from images by the end of their names", () =>
  withFolder(async (dir) => {
    for (const name of ["a", "b", "face_mask"]) {
      await writeTiny(`${dir}/beside/${name}.nii.gz`, tinyImage());
      await writeTiny(`${dir}/apart/images/${name}.nii.gz`, tinyImage());
    }
    await writeTiny(`${dir}/beside/a_seg.nii.gz`, tinyMask(1));
    await writeTiny(`${dir}/beside/b-Mask.nii`, tinyMask(2));
    await writeTiny(`${dir}/apart/labels/a_gt.nii`, tinyMask(2));
    const masks = async (folder: string) =>
      (await openDataset(`${dir}/${folder}`)).patients.map(({ id, scans }) => [id, scans[0].mask]);
    assert.deepEqual(await masks("beside"), [
      ["a", `${dir}/beside/a_seg.nii.gz`],
      ["b", `${dir}/beside/b-Mask.nii`],
      // No image "face": an image itself.
      ["face_mask", undefined],
    ]);
    assert.deepEqual(await masks("apart"), [
      ["a", `${dir}/apart/labels/a_gt.nii`],
      ["b", undefined],
      ["face_mask", undefined],
    ]);
  }));

Deno.test("openDataset() takes a plain folder without masks", () =>
  withFolder(async (dir) => {
    await writeTiny(`${dir}/a.nii`, tinyImage());
    const { structures, patients } = await openDataset(dir);
    assert.deepEqual(structures, []);
    assert.deepEqual(patients[0].scans, [{ image: `${dir}/a.nii` }]);
  }));

Deno.test("openDataset() refuses masks of other names alone", () =>
  withFolder(async (dir) => {
    await writeTiny(`${dir}/a.nii`, tinyImage());
    await writeTiny(`${dir}/labels/other.nii`, tinyMask(1));
    await assert.rejects(openDataset(dir), /SyntaxError: .*such as a\.nii, found other\.nii/);
  }));

Deno.test("openDataset() refuses a plain folder with two files of one name", () =>
  withFolder(async (dir) => {
    await writeTiny(`${dir}/images/a.nii`, tinyImage());
    await writeTiny(`${dir}/labels/a.nii`, tinyMask(1));
    await writeTiny(`${dir}/labels/a.nii.gz`, tinyMask(1));
    await assert.rejects(
      openDataset(dir),
      /RangeError: .*labels: expected one file per scan, found a\.nii and a\.nii\.gz; remove or/,
    );
    await writeTiny(`${dir}/images/a.nii.gz`, tinyImage());
    await assert.rejects(openDataset(dir), /images: .* found a\.nii and a\.nii\.gz/);
  }));

Deno.test("openDataset() says what it looked for", () =>
  withFolder(async (dir) => {
    await assert.rejects(openDataset(`${dir}/none`), /none: no such folder/);
    await assert.rejects(openDataset(dir), /expected a dataset, found an empty folder/);
    await Deno.writeTextFile(`${dir}/notes.txt`, "nothing");
    await assert.rejects(
      openDataset(`${dir}/notes.txt`),
      /notes\.txt: expected a folder, found a file/,
    );
    for (const name of ["a.JPG", "b.jpg", "c"]) Deno.writeTextFileSync(`${dir}/${name}`, "");
    await assert.rejects(
      openDataset(dir),
      /SyntaxError: .*expected a dataset, found 2 \.jpg, 1 .*; convert the scans to NIfTI, .*: the simplest layout is images\/NAME\.nii\.gz with/,
    );
    await assert.rejects(
      openDataset(dir, { layout: "msd" }),
      /expected a dataset of the layout msd, found no dataset\.json but 2 \.jpg/,
    );
    await writeTiny(`${dir}/train/T1/anna.nii`, tinyImage());
    await assert.rejects(
      openDataset(dir),
      /found .*1 \.nii.*; arrange them as one of the layouts acdc/,
    );
    await assert.rejects(
      openDataset(dir, { layout: "nifti" }),
      /RangeError: expected the layout acdc, mnms, mnms2, nnunet, msd, bids, dicom, patients, folder, found "nifti"/,
    );
  }));

Deno.test(withRealData("acdc", "openDataset() lists the real ACDC"), async () => {
  const { layout, patients } = await openDataset(realDataPath("acdc"));
  assert.equal(layout, "acdc");
  assert.equal(patients.length, 100);
  const groups = Map.groupBy(patients, ({ group }) => group);
  assert.deepEqual([...groups.keys()].sort(), ["DCM", "HCM", "MINF", "NOR", "RV"]);
  assert.ok([...groups.values()].every(({ length }) => length === 20));
});

Deno.test(
  withRealData("Task04_Hippocampus", "openDataset() lists the real hippocampus task"),
  async () => {
    const { layout, structures, patients } = await openDataset(realDataPath("Task04_Hippocampus"));
    assert.equal(layout, "msd");
    assert.deepEqual(structures.map(({ name }) => name), ["Anterior", "Posterior"]);
    assert.equal(patients.length, 200);
  },
);
