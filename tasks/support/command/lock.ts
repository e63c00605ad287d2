/**
 * One process at a time writes to a folder, or several that share it, each to a part of its own.
 *
 * @module
 */
import { lstatSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { makeFolder, writingExplained } from "../../../lib/io/write_file.ts";
import { expectOwnFolder } from "./out_folder.ts";

/** The file that is locked; hidden, so that a folder that holds nothing else counts as empty. */
const LOCK = ".lock";

/** How often, and after how many ms each time, a shared lock is tried for. */
const TRIES = { count: 20, pause: 100 };

/** Options of {@linkcode lockFolder}. */
export interface LockOptions {
  /** Keeps out those who want the folder to themselves, and lets others in who share it. */
  shared?: boolean;
  /** The folder that it lies in, where that is the one that was named. */
  within?: string;
}

/**
 * Takes the lock of a folder, which is made where it does not exist. The lock is the kernel's
 * (flock), on an open file: it ends with the process, be it killed, and a file that is left behind
 * locks nothing.
 *
 * @returns gives the lock back; the folder is removed again if it was made here and is still empty.
 * @throws {Error} if another process holds the lock, nothing can be written there, or what is written
 * would land elsewhere ({@linkcode expectOwnFolder}).
 */
export async function lockFolder(
  dir: string,
  { shared = false, within }: LockOptions = {},
): Promise<() => void> {
  const path = join(dir, LOCK);
  expectOwnFolder(dir, { within, deep: !shared });
  for (let i = 0; i < TRIES.count; i++) {
    const made = await makeFolder(dir);
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
      throw new Error(`${path}: expected a file, found a link or a folder; remove it`);
    }
    const file = await openIfAny(path);
    if (!file) continue;
    if (!await tryLock(file, shared)) {
      file.close();
      throw new Error(
        `${dir}: another process is writing to it; wait for it or choose another --out`,
      );
    }
    // Its last owner may have removed the file, or the folder, since it was opened.
    if (file.statSync().ino === statSync(path, { throwIfNoEntry: false })?.ino) {
      return () => {
        const last = !shared || file.tryLockSync(true);
        if (last) rmSync(path, { force: true });
        file.close();
        if (made !== undefined) removeEmpty(resolve(dir), resolve(made));
      };
    }
    file.close();
  }
  throw new Error(
    `${path}: expected a file that stays, found it removed again and again; try again`,
  );
}

/**
 * Takes the lock of a folder of drafts, as {@linkcode lockFolder} does.
 *
 * @returns removes the folder, with what killed processes left in it, and gives the lock back.
 */
export async function lockDrafts(dir: string): Promise<() => void> {
  const unlock = await lockFolder(dir);
  return () => {
    rmSync(dir, { recursive: true, force: true });
    unlock();
  };
}

/** Tries a shared lock for a while: at the moment when its last holder leaves, nobody gets it. */
async function tryLock(file: Deno.FsFile, shared: boolean): Promise<boolean> {
  for (let i = 1;; i++) {
    if (await file.tryLock(!shared)) return true;
    if (!shared || i === TRIES.count) return false;
    await new Promise((resolve) => setTimeout(resolve, TRIES.pause));
  }
}

async function openIfAny(path: string): Promise<Deno.FsFile | undefined> {
  return await Deno.open(path, { read: true, write: true, create: true }).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw writingExplained(error, path);
  });
}

/** Removes a folder and those above it, up to `top`, as long as they are empty. */
function removeEmpty(dir: string, top: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // It holds what the task wrote.
    return;
  }
  if (dir !== top) removeEmpty(dirname(dir), top);
}
