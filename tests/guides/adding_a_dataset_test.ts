import assert from "node:assert/strict";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../support/datasets.ts";
import { applyDiff, copyLibrary, readGuide, runIn } from "../support/guide.ts";

const { code, diffs } = readGuide("adding-a-dataset.md");

Deno.test("docs/adding-a-dataset.md adds a layout that is recognised", () =>
  withFolder(async (dir) => {
    copyLibrary(dir);
    Deno.writeTextFileSync(`${dir}/lib/data/datasets/layouts/clinic.ts`, code);
    for (const diff of diffs) applyDiff(dir, diff);
    await writeTiny(`${dir}/clinic/anna/scan.nii.gz`, tinyImage());
    await writeTiny(`${dir}/clinic/anna/outline.nii.gz`, tinyMask(1));
    await writeTiny(`${dir}/clinic/ben/scan.nii.gz`, tinyImage());
    await writeTiny(`${dir}/clinic/ben/._scan.nii.gz`, tinyImage());
    await writeTiny(`${dir}/clinic/notes/photograph.nii.gz`, tinyImage());
    const { layout, patients } = JSON.parse(await runIn(dir, PROGRAM));
    assert.equal(layout, "clinic");
    assert.deepEqual(patients, [
      ["anna", "clinic/anna/scan.nii.gz", "clinic/anna/outline.nii.gz"],
      ["ben", "clinic/ben/scan.nii.gz", ""],
    ]);
  }));

/** Opens the new layout's folder, without a word of what it is. */
const PROGRAM = `
import { openDataset, type Patient } from "@pix2rep/pix2rep/data";

const { layout, patients } = await openDataset("clinic");
const row = ({ id, scans: [{ image, mask }] }: Patient) => [id, image, mask ?? ""];
console.log(JSON.stringify({ layout, patients: patients.map(row) }));
`;
