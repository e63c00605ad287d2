/**
 * The plainest layout: scans in a folder, or in `images` beside `labels`, by whatever names. Files of
 * one name that end in a modality, `anna_t1` and `anna_t2`, are channels of one scan; masks lie in
 * `labels` (`masks`, `gt`, …) by the scan's name, or beside it with a word at the end, `anna_seg`. Every
 * name is a patient.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { Dataset, Patient, UnusedFile } from "../dataset.ts";
import { folderName, listSubfolders } from "../../../io/folders.ts";
import { listScanFiles } from "../scan_files.ts";
import { scanStem } from "../../formats/formats.ts";
import { type MaskAccess, structuresInMasks } from "../../masks/mask_structures.ts";
import { type Case, casesOf, scanOf } from "./cases.ts";
import { isImageFolder, isMaskFolder } from "./names.ts";
import { type CaseFile, rolesOf } from "./roles.ts";

/** Folders of masks of which the first is taken, before all others. */
const USUAL = ["labels", "masks", "labelsTr"];

/** Whether a folder, or its images folder, holds scans. */
export async function isFolder(dir: string): Promise<boolean> {
  return (await imagesIn(dir)).length > 0;
}

/**
 * Lists a plain folder. All masks are read, for the labels that occur name the structures.
 *
 * @throws {SyntaxError} If there is no image, or masks exist and none is of an image's name.
 * @throws {RangeError} If two files differ in nothing but their ending.
 */
export async function openFolder(
  dir: string,
  { readMasks }: MaskAccess = {},
): Promise<Dataset> {
  const { chosen, others } = await masksIn(dir);
  const files = [...await imagesIn(dir), ...chosen];
  const { cases, channels, unused } = casesOf(await rolesOf(files, { within: dir }));
  if (cases.length === 0) {
    throw new SyntaxError(
      `${dir}: expected scans, in it or in its images folder, found ${files.length} masks alone`,
    );
  }
  const outlined = cases.flatMap(({ mask }) => mask?.path ?? []);
  if (chosen.length > 0 && outlined.length === 0) {
    const [image] = cases[0].images.values();
    throw new SyntaxError(
      `${dirname(chosen[0].path)}: expected masks named as the images, such as ` +
        `${nameOf(image)}, found ${nameOf(chosen[0])}`,
    );
  }
  return {
    name: folderName(dir),
    root: dir,
    layout: "folder",
    structures: await structuresInMasks(outlined, { source: dir, within: dir, readMasks }),
    ...(channels && { channels }),
    unused: [...unused, ...others],
    patients: patientsOf(cases, (one) => one.person || folderName(dir), channels),
  };
}

/** Patients by id, each with all of its cases. */
export function patientsOf(
  cases: readonly Case[],
  idOf: (one: Case) => string,
  channels?: readonly string[],
): Patient[] {
  const people = Map.groupBy(cases, idOf);
  return [...people].sort(([a], [b]) => a < b ? -1 : 1).map(([id, cases]): Patient => ({
    id,
    group: "",
    part: "training",
    scans: cases.map((one) => scanOf(one, channels)),
  }));
}

/** The files of a folder, none of which lies in a patient's own. */
async function filesIn(folder: string, dir: string, amongMasks: boolean): Promise<CaseFile[]> {
  return (await listScanFiles(folder, { within: dir })).map((name) => ({
    path: join(folder, name),
    group: "",
    stem: scanStem(name)!,
    amongMasks,
  }));
}

/** What lies in the images folder, or else in the folder itself: images, and masks beside them. */
async function imagesIn(dir: string): Promise<CaseFile[]> {
  for (const name of (await listSubfolders(dir)).filter(isImageFolder)) {
    const files = await filesIn(join(dir, name), dir, false);
    if (files.length > 0) return files;
  }
  return await filesIn(dir, dir, false);
}

/** The files of the folder of masks that is taken, and those of the others. */
async function masksIn(dir: string): Promise<{ chosen: CaseFile[]; others: UnusedFile[] }> {
  const names = (await listSubfolders(dir)).filter(isMaskFolder);
  const sorted = names.toSorted((a, b) => rankOf(a) - rankOf(b));
  const folders: CaseFile[][] = [];
  for (const name of sorted) folders.push(await filesIn(join(dir, name), dir, true));
  const [chosen = [], ...rest] = folders.filter(({ length }) => length > 0);
  const why = `masks are taken from another folder`;
  return { chosen, others: rest.flat().map(({ path }) => ({ path, why })) };
}

function rankOf(folder: string): number {
  const rank = USUAL.indexOf(folder);
  return rank < 0 ? USUAL.length : rank;
}

function nameOf({ path }: CaseFile): string {
  return basename(path);
}
