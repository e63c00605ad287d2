/**
 * The scans that are in the files chosen together.
 *
 * @module
 */
import type { DecodeOptions } from "../../lib/data/formats/format.ts";
import { decodeVolume, scanStem } from "../../lib/data/formats/formats.ts";
import { headerOfImage } from "../../lib/data/formats/pairs.ts";
import { noteIntensities } from "../../lib/data/datasets/check/scan_notes.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";

/** A file that was chosen, or stands for one. */
export type Chosen = Pick<File, "name" | "size" | "arrayBuffer">;

/** Options of {@linkcode scansOf}. */
export interface ScansOfOptions extends Pick<DecodeOptions, "maxBytes"> {
  /** Gets a file's content. */
  contentOf: (file: Chosen) => Promise<Uint8Array>;
}

/**
 * The scans of files of any format, in the order in which they were chosen. A file that another one
 * names as that of its voxels is no scan of its own: `a.hdr` and `a.img` are one.
 *
 * @throws {RangeError} If the other part of a scan in two files was not chosen, or no voxel is finite.
 * @throws As `decodeVolume` does.
 */
export async function scansOf(
  files: readonly Chosen[],
  { contentOf, maxBytes }: ScansOfOptions,
): Promise<Volume[]> {
  const parts = new Set<Chosen>();
  const scans = new Map<Chosen, Volume>();
  for (const file of headersFirst(files)) {
    if (parts.has(file)) continue;
    const header = headerOfImage(file.name);
    if (header !== undefined) throw alone(file, header);
    const beside = (path: string) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const part = files.find((other) => other.name === name);
      if (!part) throw alone(file, name);
      parts.add(part);
      return contentOf(part);
    };
    const scan = await decodeVolume(await contentOf(file), file.name, { maxBytes, beside });
    noteIntensities(scan);
    scans.set(file, scan);
  }
  return files.flatMap((file) => scans.get(file) ?? []);
}

/** Files whose names are those of scans, then others: what these hold, a header may tell. */
function headersFirst(files: readonly Chosen[]): readonly Chosen[] {
  const isHeader = ({ name }: Chosen) => scanStem(name) !== undefined;
  return [...files.filter(isHeader), ...files.filter((file) => !isHeader(file))];
}

function alone({ name }: Chosen, other: string): RangeError {
  return new RangeError(
    `${name}: expected ${other}, which belongs to it, found it not chosen; choose both together`,
  );
}
