/**
 * Files that appear whole or not at all.
 *
 * @module
 */
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { platform } from "node:os";
import { dirname, join } from "node:path";
import { excerpt } from "./text/printable.ts";

/** What the system says where there is no room: on the disk, in a quota, in a file. */
const NO_ROOM = ["ENOSPC", "EDQUOT", "EFBIG"];

/** What else the system says of a place that nothing can be written to. */
const PROBLEMS: Record<string, string> = {
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "a disk that is read-only",
  ENOENT: "no such folder",
  ENOTDIR: "a file in the place of a folder",
  EEXIST: "something else there",
  EISDIR: "a folder in its place",
  ENAMETOOLONG: "a name that is too long",
  ELOOP: "a link that leads back to itself",
};

/** What a file is called until it is whole: never longer, whatever it is called then. */
const TEMPORARY = /^\.[0-9a-f-]{36}\.tmp$/;

/** Options of {@linkcode writeFileAtomically}. */
export interface WriteFileOptions {
  /** Where the old content goes, instead of being lost. */
  previous?: string;
  /**
   * The folder that the file is written in until it is whole, on the same disk, where that of `path`
   * is out of bounds; that folder is flushed instead. The same folder by default.
   */
  drafts?: string;
}

/**
 * Writes a file under a temporary name in the same folder, flushes it, renames it, and flushes the
 * folder: whatever happens meanwhile, `path` holds its old content or all of the new one. (With
 * `previous` there is a moment in which the old content is there already and `path` is not.)
 *
 * @throws {Error} if there is no room, or nothing can be written there; the old content stays.
 */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  { previous, drafts = dirname(path) }: WriteFileOptions = {},
): Promise<void> {
  const temporary = join(drafts, `.${crypto.randomUUID()}.tmp`);
  try {
    await writeFlushed(temporary, content);
    if (previous !== undefined) await renameIfAny(path, previous);
    await rename(temporary, path);
  } catch (error) {
    // What happened first is what counts.
    await rm(temporary, { force: true }).catch(() => {});
    throw writingExplained(error, path);
  }
  await flushFolder(drafts);
}

/** Removes what a killed process left of files that it was writing. */
export async function removeTemporaryFiles(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (TEMPORARY.test(name)) await rm(join(dir, name), { force: true });
  }
}

/**
 * Makes a folder, and those above it.
 *
 * @returns the first that was made; undefined where it was there.
 * @throws {Error} if it cannot be made.
 */
export async function makeFolder(dir: string): Promise<string | undefined> {
  return await mkdir(dir, { recursive: true }).catch((error) => {
    throw writingExplained(error, dir);
  });
}

/** The same error, or one that puts into words why nothing can be written to `path`. */
export function writingExplained(error: unknown, path: string): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  const code = `${error.code}`;
  const place = excerpt(path, 1000);
  const text = NO_ROOM.includes(code)
    ? `${place}: expected room to write it, found none (${code}: the disk, a quota or a limit is ` +
      "full); free some, then go on"
    : code in PROBLEMS
    ? `${place}: expected a place to write to, found ${PROBLEMS[code]} (${code}); choose another`
    : undefined;
  return text === undefined ? error : new Error(text, { cause: error });
}

async function writeFlushed(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function renameIfAny(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
}

/** Makes renames in a folder last through a loss of power. Windows opens no folders. */
async function flushFolder(dir: string): Promise<void> {
  if (platform() === "win32") return;
  const folder = await open(dir);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
