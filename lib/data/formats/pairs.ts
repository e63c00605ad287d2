/**
 * Scans in two files: a header, and its voxels beside it.
 *
 * @module
 */
import { linesOf } from "./header_text.ts";

/** How NRRD and MetaImage name the file of the voxels. */
const DATA_FILE = /^\s*(?:data ?file\s*:(?!=)|ElementDataFile\s*=)\s*(.*\S)/i;

/** Where the voxels of a .hdr file are; undefined for other names. */
export function imageOfHeader(path: string): string | undefined {
  return swapped(path, /\.hdr((?:\.gz)?)$/i, "img");
}

/** The .hdr file of an .img file; undefined for other names. */
export function headerOfImage(path: string): string | undefined {
  return swapped(path, /\.img((?:\.gz)?)$/i, "hdr");
}

/** The name of another file that a header of NRRD or MetaImage says holds its voxels. */
export function dataFileIn(header: Uint8Array): string | undefined {
  for (const { text } of linesOf(header)) {
    const name = text.match(DATA_FILE)?.[1];
    if (name !== undefined) return /^LOCAL$/i.test(name) ? undefined : name;
    if (text === "") return undefined;
  }
  return undefined;
}

function swapped(path: string, ending: RegExp, other: string): string | undefined {
  const [found, compressed] = path.match(ending) ?? [];
  if (found === undefined) return undefined;
  const capitals = found[1] === found[1].toUpperCase();
  return `${path.slice(0, -found.length)}.${capitals ? other.toUpperCase() : other}${compressed}`;
}
