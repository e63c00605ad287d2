/**
 * Files that appear whole or not at all.
 *
 * @module
 */
import { open, readdir, rename, rm } from "node:fs/promises";
import { platform } from "node:os";
import { basename, dirname, join } from "node:path";

/** What the system says where there is no room: on the disk, in a quota, in a file. */
const NO_ROOM = ["ENOSPC", "EDQUOT", "EFBIG"];

/** What a file is called until it is whole. */
const TEMPORARY = /^\..+\.[0-9a-f-]{36}\.tmp$/;

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
 * @throws {Error} if there is no room; the old content stays.
 */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  { previous, drafts = dirname(path) }: WriteFileOptions = {},
): Promise<void> {
  const temporary = join(drafts, `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    await writeFlushed(temporary, content);
    if (previous !== undefined) await renameIfAny(path, previous);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw withRoomExplained(error, path);
  }
  await flushFolder(drafts);
}

/** Removes what a killed process left of files that it was writing. */
export async function removeTemporaryFiles(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (TEMPORARY.test(name)) await rm(join(dir, name), { force: true });
  }
}

/** The same error, or one that tells what to do where there is no room left to write to `path`. */
export function withRoomExplained(error: unknown, path: string): unknown {
  const { code } = error as { code?: string };
  if (!code || !NO_ROOM.includes(code)) return error;
  return new Error(
    `${path}: expected room to write it, found none (${code}: the disk, a quota or a limit is ` +
      "full); free some, then go on",
    { cause: error },
  );
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
