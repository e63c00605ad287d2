import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readNifti } from "../../../lib/data/volumes/nifti_read.ts";
import { openPhantom, writePhantomCohort } from "../../../lib/data/phantom/cohort.ts";
import { phantomPatient } from "../../../lib/data/phantom/patient.ts";

/** Runs a test in a folder that is removed afterwards. */
async function inTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All files below a folder with their content. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()
    .filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(
    files.map((path) => [path, readFileSync(join(folder, path)).toString("base64")]),
  );
}

Deno.test("writePhantomCohort() writes ACDC's layout", () =>
  inTemporaryFolder(async (folder) => {
    const dir = join(folder, "new", "phantom");
    await writePhantomCohort(dir, { patients: 2, seed: 5 });
    const { info, ed, es } = phantomPatient(1, { seed: 5 });
    const end = String(info.ES).padStart(2, "0");
    const patient = join(dir, "training", "patient002");
    assert.deepEqual(readdirSync(join(dir, "training")), ["patient001", "patient002"]);
    assert.deepEqual(readdirSync(patient).sort(), [
      "Info.cfg",
      "patient002_frame01.nii.gz",
      "patient002_frame01_gt.nii.gz",
      `patient002_frame${end}.nii.gz`,
      `patient002_frame${end}_gt.nii.gz`,
    ]);
    assert.equal(
      readFileSync(join(patient, "Info.cfg"), "utf8"),
      `ED: 1\nES: ${info.ES}\nGroup: DCM\nHeight: ${info.Height}.0\n` +
        `NbFrame: ${info.NbFrame}\nWeight: ${info.Weight}.0\n`,
    );
    assert.deepEqual(readdirSync(join(folder, "new")), ["phantom"]);

    const image = await readNifti(join(patient, "patient002_frame01.nii.gz"));
    const mask = await readNifti(join(patient, `patient002_frame${end}_gt.nii.gz`));
    assert.deepEqual(image.voxels, ed.image.voxels);
    assert.deepEqual(mask.voxels, es.mask.voxels);
    assert.deepEqual(image.spacing, ed.image.spacing);
    assert.deepEqual(image.shape, ed.image.shape);
    assert.equal(image.geometry.sformCode, 2);
  }));

Deno.test("writePhantomCohort() writes the same bytes again from the same seed", () =>
  inTemporaryFolder(async (folder) => {
    const [first, second] = [join(folder, "a"), join(folder, "b")];
    await writePhantomCohort(first, { patients: 1, seed: 3 });
    await writePhantomCohort(second, { patients: 1, seed: 3 });
    assert.deepEqual(contents(first), contents(second));
  }));

Deno.test("writePhantomCohort() keeps a cohort of the same options and replaces another", () =>
  inTemporaryFolder(async (folder) => {
    const dir = join(folder, "phantom");
    const info = join(dir, "training", "patient001", "Info.cfg");
    await writePhantomCohort(dir, { patients: 1 });
    const written = statSync(info, { bigint: true }).ino;
    await writePhantomCohort(dir, { patients: 1 });
    assert.equal(statSync(info, { bigint: true }).ino, written);
    await writePhantomCohort(dir, { patients: 2 });
    assert.notEqual(statSync(info, { bigint: true }).ino, written);
    assert.deepEqual(readdirSync(join(dir, "training")), ["patient001", "patient002"]);
    assert.deepEqual(readdirSync(folder), ["phantom"]);
  }));

Deno.test("writePhantomCohort() fills an empty folder, also when asked twice at once", () =>
  inTemporaryFolder(async (folder) => {
    const dir = join(folder, "phantom");
    await Deno.mkdir(dir);
    await Promise.all([1, 2].map(() => writePhantomCohort(dir, { patients: 1 })));
    assert.deepEqual(readdirSync(dir).sort(), ["phantom.json", "training"]);
    assert.deepEqual(readdirSync(folder), ["phantom"]);
  }));

Deno.test("writePhantomCohort() never replaces other data", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "thesis.txt"), "mine");
    await assert.rejects(writePhantomCohort(folder), {
      name: "TypeError",
      message: /expected a phantom cohort or nothing, found other data/,
    });
    assert.deepEqual(readdirSync(folder), ["thesis.txt"]);
  }));

Deno.test("writePhantomCohort() refuses a number of patients that is none", () =>
  inTemporaryFolder(async (folder) => {
    for (const patients of [0, 1.5, 1000, NaN]) {
      await assert.rejects(writePhantomCohort(join(folder, "phantom"), { patients }), {
        name: "RangeError",
        message: /expected 1 to 999 phantom patients/,
      });
    }
    assert.deepEqual(readdirSync(folder), []);
  }));

Deno.test("openPhantom() draws a cohort once and opens it", () =>
  inTemporaryFolder(async (folder) => {
    const dir = join(folder, "phantom");
    const dataset = await openPhantom(dir, { patients: 2, seed: 5 });
    assert.deepEqual(
      [dataset.layout, dataset.structures.map(({ name }) => name), dataset.patients.length],
      ["acdc", ["RV", "MYO", "LV"], 2],
    );
    const drawn = statSync(dataset.patients[0].scans[0].image).mtimeMs;
    assert.deepEqual(await openPhantom(dir, { patients: 2, seed: 5 }), dataset);
    assert.equal(statSync(dataset.patients[0].scans[0].image).mtimeMs, drawn);
  }));
