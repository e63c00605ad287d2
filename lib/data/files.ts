/**
 * What the layouts have in common: listing folders and naming files.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { excerpt, isPrintable } from "./printable.ts";
import { explained, leadsOut, readBytes, type ReadBytesOptions } from "./read_file.ts";

/** The longest text that a string can hold. */
const LONGEST_TEXT = 2 ** 29 - 24;

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
  const entries = await ifAny(explained(dir, readdir(dir, { withFileTypes: true }))) ?? [];
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

/**
 * A text file's content, or undefined where there is none.
 *
 * @param options A folder that the file must lie in, links followed.
 * @throws As {@linkcode readBytes} does.
 */
export async function readTextIfAny(
  path: string,
  { within }: Pick<ReadBytesOptions, "within"> = {},
): Promise<string | undefined> {
  const bytes = await ifAny(readBytes(path, { maxBytes: LONGEST_TEXT, within }));
  return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
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
 * @throws {RangeError} If it leaves the folder, or is no name of a file.
 */
export function pathInside(dir: string, file: string, list: string): string {
  const steps = relative(dir, resolve(dir, file));
  if (leadsOut(steps) || !isPrintable(file)) {
    throw new RangeError(`${list}: expected paths within the dataset, found ${excerpt(file)}`);
  }
  return join(dir, steps);
}

/** A folder's own name, also for "." and the like. */
export function folderName(dir: string): string {
  return basename(resolve(dir));
}

async function visibleNames(dir: string): Promise<string[] | undefined> {
  return (await ifAny(explained(dir, readdir(dir))))?.filter((name) => !name.startsWith("."))
    .sort();
}

/** What was looked for, or undefined where it does not exist. */
async function ifAny<T>(found: Promise<T>): Promise<T | undefined> {
  return await found.catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
}
