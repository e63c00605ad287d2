import assert from "node:assert/strict";
import { relative } from "node:path";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../../support/datasets.ts";

/** Writes files: label maps where the name has a "*" (which is left out), images elsewhere. */
async function write(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = `${dir}/${name.replace("*", "")}.nii.gz`;
    await writeTiny(path, name.includes("*") ? tinyMask(2) : tinyImage());
  }
}

const kinds: {
  what: string;
  files: string[];
  scans: Record<string, string[]>;
  unused?: string[];
}[] = [
  {
    what: "KiTS's names",
    files: ["case_1/imaging", "case_1/segmentation*", "case_2/imaging"],
    scans: { case_1: ["imaging by segmentation"], case_2: ["imaging"] },
  },
  {
    what: "BraTS's names",
    files: ["X1/X1_flair", "X1/X1_t1", "X1/X1_seg*", "X2/X2-T1", "X2/X2-FLAIR"],
    scans: { X1: ["X1_flair+X1_t1 by X1_seg"], X2: ["X2-FLAIR+X2-T1"] },
  },
  {
    what: "the folder's name alone, and a label map of any name",
    files: ["p1/p1", "p1/liver*", "p2/scan_a", "p2/p2_liver*", "p3/p3"],
    scans: { p1: ["p1 by liver"], p2: ["scan_a by p2_liver"], p3: ["p3"] },
  },
  {
    what: "several scans of a patient",
    files: ["p/v1", "p/v1_seg*", "p/v2", "p/v2_seg*", "q/v1", "q/v1_seg*"],
    scans: { p: ["v1 by v1_seg", "v2 by v2_seg"], q: ["v1 by v1_seg"] },
  },
  {
    what: "folders of visits, of images and of masks",
    files: ["p/v1/images/scan", "p/v1/masks/scan*", "p/v2/images/scan", "q/v1/images/scan"],
    scans: { p: ["v1/images/scan by v1/masks/scan", "v2/images/scan"], q: ["v1/images/scan"] },
  },
  {
    what: "a folder of organs, and a mask of all",
    files: ["p/ct", "p/segmentations/liver*", "p/segmentations/spleen*", "p/all_seg*", "p/p_seg*"],
    scans: { p: ["ct by p_seg"] },
    unused: ["p/all_seg", "p/segmentations/liver", "p/segmentations/spleen"],
  },
  {
    what: "several masks of a scan",
    files: ["p/ct", "p/lung*", "p/seg*", "q/ct", "q/lung*", "q/seg*", "atlas"],
    scans: { p: ["ct by seg"], q: ["ct by seg"] },
    unused: ["p/lung", "q/lung", "atlas"],
  },
];
for (const { what, files, scans, unused = [] } of kinds) {
  Deno.test(`openDataset() takes folders of patients with ${what}`, () =>
    withFolder(async (dir) => {
      await write(dir, files);
      const dataset = await openDataset(dir);
      assert.equal(dataset.layout, "patients");
      const short = (path: string) => path.replace(".nii.gz", "");
      const found = dataset.patients.map(({ id, scans }) => [
        id,
        scans.map(({ image, channels, mask }) => {
          const paths = channels?.map(({ path }) => path ?? "") ?? [image];
          const files = paths.map((path) => short(relative(`${dir}/${id}`, path))).join("+");
          return files + (mask ? ` by ${short(relative(`${dir}/${id}`, mask))}` : "");
        }),
      ]);
      assert.deepEqual(Object.fromEntries(found), scans);
      const others = (dataset.unused ?? []).map(({ path }) => short(relative(dir, path)));
      assert.deepEqual(others, unused);
    }));
}

Deno.test("openDataset() reads the parts of folders of patients", () =>
  withFolder(async (dir) => {
    await write(dir, [
      "Training/a/imaging",
      "Training/a/segmentation*",
      "test/b/imaging",
      "val/c/x",
    ]);
    const { patients, structures } = await openDataset(dir);
    assert.deepEqual(patients.map(({ id, part }) => [id, part]), [
      ["a", "training"],
      ["b", "testing"],
      ["c", "validation"],
    ]);
    assert.deepEqual(structures.map(({ name }) => name), ["label 1", "label 2"]);
    await write(dir, ["test/a/imaging"]);
    await assert.rejects(openDataset(dir), /RangeError: .*every patient once, found a twice/);
  }));

Deno.test("openDataset() does not take folders of groups or of modalities for patients", () =>
  withFolder(async (dir) => {
    await write(`${dir}/modalities`, ["t1/anna", "t1/ben", "t2/anna", "t2/ben"]);
    await assert.rejects(
      openDataset(`${dir}/modalities`),
      /SyntaxError: .*found 4 \.nii\.gz; arrange/,
    );
    await write(`${dir}/groups`, Array.from({ length: 13 }, (_, i) => `healthy/p${i}`));
    await assert.rejects(
      openDataset(`${dir}/groups`),
      /SyntaxError: .*healthy: expected the scans of one patient, found 13; open this folder/,
    );
    // BraTS 2018 keeps its patients by grade.
    await write(`${dir}/grades`, ["HGG/X1/X1_t1", "HGG/X2/X2_t1", "LGG/X3/X3_t1", "LGG/X4/X4_t1"]);
    await assert.rejects(openDataset(`${dir}/grades`), /HGG: .*one patient, found 2 in 2 folders/);
    await write(`${dir}/outer`, ["cohort/a/scan", "cohort/b/scan"]);
    await assert.rejects(
      openDataset(`${dir}/outer`),
      /cohort: .*one patient, found 2 in 2 folders/,
    );
    assert.equal((await openDataset(`${dir}/outer/cohort`)).patients.length, 2);
    await write(`${dir}/flat`, ["images/a", "images/b", "results/a*"]);
    const { layout, unused = [] } = await openDataset(`${dir}/flat`);
    assert.deepEqual([layout, unused.length], ["folder", 1]);
  }));
