/**
 * Reading files that others named or made: of a kind, a size and a place that nobody vouches for.
 *
 * @module
 */
import { open, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { excerpt } from "./text/printable.ts";

/** Options of {@linkcode readBytes}. */
export interface ReadBytesOptions {
  /** How large the file may be. */
  maxBytes: number;
  /** A folder that the file must lie in, links followed; anywhere by default. */
  within?: string;
}

/**
 * The content of a regular file. Of one that grows meanwhile, what it held at first; of one that
 * shrinks, what is left.
 *
 * @throws {Error} If there is no such file, or it cannot be read.
 * @throws {TypeError} If it is a folder, a pipe or a device: reading might never end.
 * @throws {RangeError} If it is larger than `maxBytes`, or lies outside `within`.
 */
export async function readBytes(
  path: string,
  { maxBytes, within }: ReadBytesOptions,
): Promise<Uint8Array> {
  const size = await sizeOf(path, { within });
  if (size > maxBytes) {
    throw new RangeError(
      `${path}: expected at most ${maxBytes} bytes, found ${size};` +
        ` if the file is to be trusted, raise maxBytes`,
    );
  }
  return await explained(path, readStart(path, size));
}

/**
 * The first `size` bytes of a regular file, fewer where it has fewer; errors as
 * {@linkcode readBytes}'s.
 */
export async function readFirstBytes(
  path: string,
  size: number,
  { within }: Pick<ReadBytesOptions, "within"> = {},
): Promise<Uint8Array> {
  return await explained(path, readStart(path, Math.min(size, await sizeOf(path, { within }))));
}

/** The size of a regular file that lies where it may. */
async function sizeOf(
  path: string,
  { within }: Pick<ReadBytesOptions, "within">,
): Promise<number> {
  const found = await explained(path, stat(path));
  if (!found.isFile()) {
    const kind = found.isDirectory() ? "folder" : "pipe or device";
    throw new TypeError(`${path}: expected a file, found a ${kind}`);
  }
  if (within !== undefined) await expectInside(within, path);
  return found.size;
}

/**
 * Makes sure that a file or folder lies in another, links followed.
 *
 * @throws {RangeError} If a link leads out of it.
 */
export async function expectInside(root: string, path: string): Promise<void> {
  const outside = await outsideOf(root, path);
  if (outside !== undefined) throw leadsElsewhere(path, outside);
}

/** Where a file or folder really lies, if links lead it out of `root`; else undefined. */
export async function outsideOf(root: string, path: string): Promise<string | undefined> {
  const [home, real] = await explained(path, Promise.all([realpath(root), realpath(path)]));
  return leadsOut(relative(home, real)) ? real : undefined;
}

/** The error of a path that leads out of the dataset's folder. */
export function leadsElsewhere(path: string, real: string): RangeError {
  return new RangeError(
    `${path}: leads out of the dataset's folder to ${real}; copy the file there, or open a folder ` +
      "that holds both",
  );
}

/** Whether a relative path climbs out of where it starts. */
export function leadsOut(steps: string): boolean {
  return steps.split(sep)[0] === ".." || isAbsolute(steps);
}

/** What the file system answers, its errors put into words. */
export async function explained<T>(path: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = (error as Error & { code?: string }).code ?? error.name;
    const what = PROBLEMS[code] ?? `it cannot be read (${code})`;
    throw Object.assign(new Error(`${excerpt(path, 1000)}: ${what}`, { cause: error }), { code });
  }
}

/** What the errors of a file system mean. */
const PROBLEMS: Record<string, string> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  ELOOP: "a link that leads back to itself",
  ENAMETOOLONG: "the name is too long for a file",
  EMFILE: "it cannot be read: too many files are open (ulimit -n)",
  ERR_INVALID_ARG_VALUE: "no name of a file",
};

/** The first bytes of a file, fewer where it has fewer. */
async function readStart(path: string, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const file = await open(path);
  try {
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}
