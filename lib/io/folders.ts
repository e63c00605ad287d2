/**
 * Listing folders and naming files.
 *
 * @module
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { excerpt, isPrintable } from "./text/printable.ts";
import {
  expectInside,
  explained,
  leadsOut,
  outsideOf,
  readBytes,
  type ReadBytesOptions,
} from "./read_file.ts";

/** A folder that what is read must lie in, links followed. */
export type Within = Pick<ReadBytesOptions, "within">;

/** The longest text that a string can hold. */
const LONGEST_TEXT = 2 ** 29 - 24;

/**
 * Names in a folder, sorted; hidden ones (also the `._*` files of macOS) are left out.
 *
 * @throws {Error} If there is no such folder.
 * @throws {TypeError} If it is something else.
 */
export async function listFolder(dir: string): Promise<string[]> {
  const names = await visibleNames(dir);
  if (names) return names;
  const found = await stat(dir).catch(() => undefined);
  if (!found) throw new Error(`${dir}: no such folder`);
  const kind = found.isFile() ? "file" : "pipe or device";
  throw new TypeError(`${dir}: expected a folder, found a ${kind}`);
}

/**
 * The same, with nothing found where there is no such folder.
 *
 * @param options A folder that `dir` must lie in, links followed.
 * @throws {RangeError} If a link leads out of `within`.
 */
export async function listFolderIfAny(dir: string, { within }: Within = {}): Promise<string[]> {
  const names = await visibleNames(dir);
  if (names && within !== undefined) await expectInside(within, dir);
  return names ?? [];
}

/**
 * Names of the folders in a folder, sorted; hidden ones are left out. A link counts as a folder where
 * it leads to one within the dataset that is not listed anyway.
 *
 * @param options The dataset's folder; `dir` by default.
 */
export async function listSubfolders(
  dir: string,
  { within = dir }: Within = {},
): Promise<string[]> {
  const entries = await ifAny(explained(dir, readdir(dir, { withFileTypes: true }))) ?? [];
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const linked = entry.isSymbolicLink() && await leadsToFolder(join(dir, entry.name), within);
    if (linked || entry.isDirectory()) names.push(entry.name);
  }
  return names.sort();
}

/**
 * A text file's content without its byte order mark, or undefined where there is none.
 *
 * @param options A folder that the file must lie in, links followed.
 * @throws As {@linkcode readBytes} does.
 */
export async function readTextIfAny(
  path: string,
  { within }: Within = {},
): Promise<string | undefined> {
  const bytes = await ifAny(readBytes(path, { maxBytes: LONGEST_TEXT, within }));
  return bytes && new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** What a text's byte order mark says, which Windows programs write; UTF-8 without one. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/**
 * Path of a file that a dataset's own list names, relative to the dataset's folder.
 *
 * @param list The list's path, for the message.
 * @throws {RangeError} If it leaves the folder, or is no name of a file.
 */
export function pathInside(dir: string, file: string, list: string): string {
  const steps = relative(dir, resolve(dir, file));
  if (steps === "" || leadsOut(steps) || !isPrintable(file)) {
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

/**
 * Whether a link leads to a folder within another; one that leads nowhere does not, nor one to a folder
 * beside it, which would count twice.
 */
async function leadsToFolder(link: string, within: string): Promise<boolean> {
  const found = await stat(link).catch(() => undefined);
  if (!found?.isDirectory() || await outsideOf(within, link) !== undefined) return false;
  const [real, beside] = await Promise.all([realpath(link), realpath(dirname(link))]);
  return dirname(real) !== beside || basename(real).startsWith(".");
}

/** What was looked for, or undefined where it does not exist. */
async function ifAny<T>(found: Promise<T>): Promise<T | undefined> {
  return await found.catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
}
