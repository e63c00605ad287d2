/**
 * What the layouts have in common: listing folders and naming files.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";

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
