/**
 * The folder that a task writes to: where it leads, and that nothing in it leads out again.
 *
 * @module
 */
import { lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { leadsOut } from "../../../lib/io/read_file.ts";
import { realPathOf } from "./access.ts";

/** Options of {@linkcode expectOwnFolder}. */
export interface OwnFolderOptions {
  /** The folder that was named, where `dir` is one below it. */
  within?: string;
  /** Whether the folders below are looked through; not where others look after theirs. */
  deep?: boolean;
}

/**
 * Makes sure, before anything is made, that what is written to a folder stays there. The folder itself
 * may be a link, or lie below one: whoever names it means its target.
 *
 * @throws {Error} if it is a file or a link to nothing, or a link in it leads out of it, to another
 * folder or to nothing. (A file that is a link is replaced, not written through.)
 */
export function expectOwnFolder(
  dir: string,
  { within = dir, deep = true }: OwnFolderOptions = {},
): void {
  const start = firstThere(dir, within);
  if (start === undefined) return;
  const found = statSync(start, { throwIfNoEntry: false });
  if (!found) {
    throw new Error(
      `${start}: expected a folder, found a link to ${readlinkSync(start)}, where there is none; ` +
        "make it, or choose another --out",
    );
  }
  if (!found.isDirectory()) {
    throw new Error(`${start}: expected a folder, found something else; choose another --out`);
  }
  const root = realPathOf(within);
  const out = leadsOut(relative(root, realPathOf(dir)))
    ? dir
    : deep && start === dir && [...linksBelow(dir)].find((link) => leadsFrom(root, link));
  if (!out) return;
  throw new Error(
    `${out}: expected a folder below ${within}, found a link that leads out of it, or ` +
      "nowhere; remove it, or choose another --out",
  );
}

/** The path, or the nearest above it up to `top`, that is there, if only as a link. */
function firstThere(path: string, top: string): string | undefined {
  if (isThere(path)) return path;
  return path === top ? undefined : firstThere(dirname(path), top);
}

/** Whether there is anything of that name; below a file there is nothing. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

function* linksBelow(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isSymbolicLink()) yield path;
    else if (entry.isDirectory()) yield* linksBelow(path);
  }
}

/** Whether what is written to a link lands outside of a folder. */
function leadsFrom(root: string, link: string): boolean {
  const found = statSync(link, { throwIfNoEntry: false });
  return !found || !found.isFile() && leadsOut(relative(root, realPathOf(link)));
}
