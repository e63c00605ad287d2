/**
 * What the layouts have in common: listing folders and naming files.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * Names in a folder, sorted; hidden ones (also the `._*` files of macOS) are left out.
 *
 * @throws {Error} If there is no such folder.
 */
export async function listFolder(dir: string): Promise<string[]> {
  const names = await visibleNames(dir);
  if (!names) throw new Error(`${dir}: no such folder`);
  return names;
}

/** The same, with nothing found where there is no such folder. */
export async function listFolderIfAny(dir: string): Promise<string[]> {
  return await visibleNames(dir) ?? [];
}

/** Names of the folders in a folder, sorted; hidden ones and links are left out. */
export async function listSubfolders(dir: string): Promise<string[]> {
  const entries = await ifAny(readdir(dir, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name).sort();
}

/**
 * Names of the NIfTI files in a folder, sorted; none where there is no such folder.
 *
 * @throws {RangeError} If two files differ in nothing but their ending: they would be one patient.
 */
export async function listNifti(dir: string): Promise<string[]> {
  const names = (await listFolderIfAny(dir)).filter(niftiStem);
  const byStem = Map.groupBy(names, niftiStem);
  const twins = [...byStem.values()].find(({ length }) => length > 1);
  if (twins) {
    throw new RangeError(
      `${dir}: expected one file per scan, found ${twins.join(" and ")}; remove or rename one`,
    );
  }
  return names;
}

/** A text file's content, or undefined where there is none. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  return await ifAny(readFile(path, "utf8"));
}

/** A NIfTI file's name without its ending; undefined for other files. An .img goes with its .hdr. */
export function niftiStem(name: string): string | undefined {
  return name.match(/^(.+)\.(nii|hdr)(\.gz)?$/)?.[1];
}

/** The NIfTI file of that stem among `names`. */
export function findNifti(names: readonly string[], stem: string): string | undefined {
  return names.find((name) => niftiStem(name) === stem);
}

/**
 * Path of a file that a dataset's own list names, relative to the dataset's folder.
 *
 * @param list The list's path, for the message.
 * @throws {RangeError} If it leaves the folder.
 */
export function pathInside(dir: string, file: string, list: string): string {
  const steps = relative(dir, resolve(dir, file));
  if (steps.split(sep)[0] === ".." || isAbsolute(steps)) {
    throw new RangeError(`${list}: expected paths within the dataset, found ${file}`);
  }
  return join(dir, steps);
}

/** A folder's own name, also for "." and the like. */
export function folderName(dir: string): string {
  return basename(resolve(dir));
}

async function visibleNames(dir: string): Promise<string[] | undefined> {
  return (await ifAny(readdir(dir)))?.filter((name) => !name.startsWith(".")).sort();
}

/** What was looked for, or undefined where it does not exist. */
async function ifAny<T>(found: Promise<T>): Promise<T | undefined> {
  return await found.catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
}
