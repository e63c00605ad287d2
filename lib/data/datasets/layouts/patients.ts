/**
 * A folder for each patient, itself or in `training`, `validation` and `testing`: KiTS's
 * `case_00000/imaging.nii.gz` and `segmentation.nii.gz`, BraTS's `X/X_flair.nii.gz` … `X_seg.nii.gz`, and
 * the like. Files that end in a modality are channels of one scan; several scans of a folder
 * are one patient's.
 *
 * @module
 */
import { basename, dirname, join, relative, sep } from "node:path";
import { contentsOf } from "../contents.ts";
import type { Dataset, Patient } from "../dataset.ts";
import { folderName, listSubfolders } from "../../../io/folders.ts";
import { isPicture } from "../scan_files.ts";
import { scanStem } from "../../formats/formats.ts";
import { type MaskAccess, structuresInMasks } from "../../masks/mask_structures.ts";
import { excerpt } from "../../../io/text/printable.ts";
import { type Case, casesOf } from "./cases.ts";
import { patientsOf } from "./folder.ts";
import { isImageFolder, isMaskFolder, isModality } from "./names.ts";
import { type CaseFile, rolesOf } from "./roles.ts";

/** Folders of the parts of a dataset. */
const PARTS: readonly { name: RegExp; part: Patient["part"] }[] = [
  { name: /^train(ing)?$/i, part: "training" },
  { name: /^val(id(ation)?)?$/i, part: "validation" },
  { name: /^test(ing)?$/i, part: "testing" },
];

/** Folders that are no patient's. */
const OTHERS = /^(derivatives|sourcedata|code|images?T[rs]|labelsT[rs])$/i;

/** A folder of more scans than these is not one person's. */
const MOST_SCANS = 12;

/**
 * Whether a folder holds patients' folders with scans, more of them than scans of its own, and no folder
 * of images.
 */
export async function isPatients(dir: string): Promise<boolean> {
  for (const name of (await listSubfolders(dir)).filter(isImageFolder)) {
    if ((await scansIn(join(dir, name), dir, 0)).length > 0) return false;
  }
  let folders = 0;
  for (const { path } of await patientFolders(dir)) {
    if ((await scansIn(path, dir)).length > 0) folders++;
  }
  return folders > (await scansIn(dir, dir, 0)).length;
}

/** Scans and masks in a folder and those below. */
async function scansIn(folder: string, within: string, deepest?: number): Promise<string[]> {
  const { files } = await contentsOf(folder, { within, deepest });
  return files.filter((file) => scanStem(basename(file)));
}

/**
 * Lists the patients. All masks are read, for the labels that occur name the structures.
 *
 * @throws {SyntaxError} If there is no image, or a folder holds more scans than one person has.
 * @throws {RangeError} If a patient occurs twice.
 */
export async function openPatients(
  dir: string,
  { readMasks }: MaskAccess = {},
): Promise<Dataset> {
  const folders = await patientFolders(dir);
  const parts = new Map(folders.map(({ path, part }) => [path, part]));
  const files: CaseFile[] = [];
  for (const { path } of folders) files.push(...await filesOf(path, dir));
  const { cases, channels, unused } = casesOf(await rolesOf(files, { within: dir }));
  if (cases.length === 0) throw new SyntaxError(`${dir}: expected scans in folders, found none`);
  expectPeople(cases);
  const outlined = cases.flatMap(({ mask }) => mask?.path ?? []);
  return {
    name: folderName(dir),
    root: dir,
    layout: "patients",
    structures: await structuresInMasks(outlined, { source: dir, within: dir, readMasks }),
    ...(channels && { channels }),
    unused,
    patients: patientsOf(cases, ({ group }) => group, channels)
      .map((patient): Patient => ({
        ...patient,
        id: basename(patient.id),
        part: parts.get(patient.id)!,
      }))
      .sort(byId(dir)),
  };
}

/** Sorts patients by id, and refuses one who stands in two parts. */
function byId(dir: string): (a: Patient, b: Patient) => number {
  return (a, b) => {
    if (a.id !== b.id) return a.id < b.id ? -1 : 1;
    throw new RangeError(`${dir}: expected every patient once, found ${excerpt(a.id)} twice`);
  };
}

/** Refuses folders that hold patients' folders rather than one patient's scans. */
function expectPeople(cases: readonly Case[]): void {
  const groups = Map.groupBy(cases, ({ group }) => group);
  for (const [folder, cases] of groups) {
    const files = cases.flatMap(({ images }) => [...images.values()].map(({ path }) => path));
    const inner = new Set(files.map(dirname).filter((inner) => inner !== folder));
    const areNamesakes = files.every((path) =>
      dirname(path) !== folder && basename(path).startsWith(basename(dirname(path)))
    );
    const holdsPeople = inner.size > 1 && (groups.size === 1 || areNamesakes);
    if (cases.length <= MOST_SCANS && !holdsPeople) continue;
    const spread = inner.size > 1 ? ` in ${inner.size} folders` : "";
    throw new SyntaxError(
      `${folder}: expected the scans of one patient, found ${cases.length}${spread}; open this folder ` +
        "by itself if they are patients, or give each a folder",
    );
  }
}

interface PatientFolder {
  path: string;
  part: Patient["part"];
}

async function patientFolders(dir: string): Promise<PatientFolder[]> {
  const found: PatientFolder[] = [];
  for (const name of await listSubfolders(dir)) {
    const part = PARTS.find((part) => part.name.test(name))?.part;
    const path = join(dir, name);
    if (part) {
      const inside = await listSubfolders(path, { within: dir });
      found.push(...inside.filter(isPatient).map((id) => ({ path: join(path, id), part })));
    } else if (isPatient(name)) {
      found.push({ path, part: "training" });
    }
  }
  return found;
}

function isPatient(folder: string): boolean {
  const isOther = [isImageFolder, isMaskFolder, isModality].some((is) => is(folder));
  return !isOther && !OTHERS.test(folder);
}

/** All scans and masks below a patient's folder. */
async function filesOf(folder: string, dir: string): Promise<CaseFile[]> {
  const scans = await scansIn(folder, dir);
  const volumes = scans.filter((file) => !isPicture(file));
  return (volumes.length > 0 ? volumes : scans).map((path) => caseFile(path, folder));
}

/** What tells a file from the others of its folder: no name that they all share. */
function caseFile(path: string, folder: string): CaseFile {
  const steps = relative(folder, dirname(path)).split(sep).filter(Boolean);
  const own = steps.filter((step) => !isMaskFolder(step) && !isImageFolder(step));
  const stem = without(scanStem(basename(path))!, basename(folder));
  return {
    path,
    group: folder,
    stem: [...own, stem].filter(Boolean).join("_"),
    amongMasks: steps.some(isMaskFolder),
  };
}

/** A name without another at its start or end: "flair" of "X_flair", "" of "X". */
function without(stem: string, name: string): string {
  if (stem === name) return "";
  if (/^[_\-. ]/.test(stem.slice(name.length)) && stem.startsWith(name)) {
    return stem.slice(name.length + 1);
  }
  return /[_\-. ]$/.test(stem.slice(0, -name.length)) && stem.endsWith(name)
    ? stem.slice(0, -name.length - 1)
    : stem;
}
