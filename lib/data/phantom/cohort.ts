/**
 * The phantom cohort on disk, in the layout of ACDC.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Dataset } from "../datasets/dataset.ts";
import { writeNifti } from "../volumes/nifti_write.ts";
import { openDataset } from "../datasets/open_dataset.ts";
import { writingExplained } from "../../io/write_file.ts";
import { type PatientInfo, phantomPatient, type PhantomScan } from "./patient.ts";

/** Options of {@linkcode writePhantomCohort}. */
export interface PhantomOptions {
  /** Number of patients, 20 by default; groups take turns. */
  patients?: number;
  /** Seed of the cohort, 0 by default. */
  seed?: number;
}

/** The file that says which cohort a folder holds; it is written with the folder as a whole. */
const STAMP = "phantom.json";

/** To be raised with every change of the generator that changes a voxel. */
const VERSION = 2;

/**
 * Writes a cohort to the folder `dir`: `training/patientNNN/` with `Info.cfg`, the images
 * `patientNNN_frameFF.nii.gz` (int16) of ED and ES and their masks `_gt.nii.gz`.
 *
 * A cohort of the same options that is there is left as it is; another phantom cohort is replaced. The
 * folder appears whole or not at all: it is drawn in another beside it, `.NAME-drafts`.
 *
 * @throws {RangeError} if `patients` is not a whole number from 1 to 999.
 * @throws {TypeError} if `dir` is something else than a phantom cohort.
 */
export async function writePhantomCohort(dir: string, options: PhantomOptions = {}): Promise<void> {
  const { patients = 20, seed = 0 } = options;
  if (!(Number.isInteger(patients) && patients >= 1 && patients <= 999)) {
    throw new RangeError(`expected 1 to 999 phantom patients, found ${patients}`);
  }
  const stamp = JSON.stringify({ phantom: VERSION, patients, seed }) + "\n";
  const found = foundIn(dir);
  if (found === stamp) return;
  if (found === undefined && existsSync(dir) && readdirSync(dir).length > 0) {
    throw new TypeError(
      `${dir}: expected a phantom cohort or nothing, found other data: name another folder`,
    );
  }
  const drafts = join(dirname(dir), `.${basename(dir)}-drafts`);
  const temporary = join(drafts, crypto.randomUUID());
  try {
    const cohort = join(temporary, "cohort");
    for (let index = 0; index < patients; index++) await writePatient(cohort, index, seed);
    await Deno.writeTextFile(join(cohort, STAMP), stamp);
    // Only what was found at first makes way, never what another process has written meanwhile.
    if (found !== undefined && foundIn(dir) === found) {
      await Deno.rename(dir, join(temporary, "replaced"));
    }
    await Deno.rename(cohort, dir);
  } catch (error) {
    // Else another process wrote the same meanwhile.
    if (foundIn(dir) !== stamp) throw writingExplained(error, dir);
  } finally {
    await Deno.remove(temporary, { recursive: true }).catch(() => {}); // it may never have been made
    await Deno.remove(drafts).catch(() => {}); // another process may be drawing there
  }
}

/**
 * Opens a phantom cohort, and draws it first where it is not there yet: {@linkcode
 * writePhantomCohort}, then `openDataset`.
 *
 * @param dir Its folder.
 */
export async function openPhantom(dir: string, options: PhantomOptions = {}): Promise<Dataset> {
  await writePhantomCohort(dir, options);
  return await openDataset(dir);
}

/** The stamp of the cohort in a folder, where there is one. */
function foundIn(dir: string): string | undefined {
  const path = join(dir, STAMP);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Writes one patient's folder. */
async function writePatient(cohort: string, index: number, seed: number): Promise<void> {
  const id = `patient${String(index + 1).padStart(3, "0")}`;
  const folder = join(cohort, "training", id);
  const { info, ed, es } = phantomPatient(index, { seed });
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "Info.cfg"), infoText(info));
  const writeScan = async (frame: number, { image, mask }: PhantomScan) => {
    const path = join(folder, `${id}_frame${String(frame).padStart(2, "0")}`);
    await writeNifti(`${path}.nii.gz`, image.voxels, image);
    await writeNifti(`${path}_gt.nii.gz`, mask.voxels, mask);
  };
  await writeScan(info.ED, ed);
  await writeScan(info.ES, es);
}

/** `Info.cfg` as ACDC writes it: one `name: value` a line, centimetres and kilograms with a decimal. */
function infoText(info: PatientInfo): string {
  return Object.entries({
    ...info,
    Height: info.Height.toFixed(1),
    Weight: info.Weight.toFixed(1),
  }).map(([name, value]) => `${name}: ${value}\n`).join("");
}
