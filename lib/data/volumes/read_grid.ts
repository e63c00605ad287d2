/**
 * Where the voxels of a file lie, from its header alone where that is quick.
 *
 * @module
 */
import { constants, gunzipSync } from "node:zlib";
import { type Found, placed } from "../formats/grid.ts";
import { isMetaImage, parseMetaImageHeader } from "../formats/metaimage/header.ts";
import { isMgh, parseMghHeader } from "../formats/mgh/header.ts";
import { placement } from "../formats/nifti/geometry.ts";
import { parseHeader, versionOf } from "../formats/nifti/header.ts";
import { isNrrd, parseNrrdHeader } from "../formats/nrrd/header.ts";
import { headerOfImage } from "../formats/pairs.ts";
import { isGzip } from "../../io/gzip.ts";
import { type ReadBytesOptions, readFirstBytes } from "../../io/read_file.ts";
import type { GridOf } from "./voxel_order.ts";

/** Bytes of a file, gzipped or not, that hold the header; of text, but for long notes. */
const START_BYTES = 2 ** 12;

/**
 * The grid of a file by its header; undefined where only the whole file tells: of DICOM series, and of
 * pictures.
 *
 * @throws {Error} If there is no such file, or its header cannot be read.
 */
export async function readGrid(
  path: string,
  { within }: Pick<ReadBytesOptions, "within"> = {},
): Promise<GridOf | undefined> {
  const source = headerOfImage(path) ?? path;
  const start = await readFirstBytes(source, START_BYTES, { within });
  // The data ends in the middle of a member: what comes out until there is enough.
  const whole = { finishFlush: constants.Z_SYNC_FLUSH };
  const head = isGzip(start) ? gunzipSync(start, whole) : start;
  if (versionOf(head) !== undefined) {
    const { shape, geometry } = parseHeader(head, source);
    const { spacing, affine } = placement(geometry, shape, source);
    return { shape, spacing, affine, geometry };
  }
  const found = foundIn(head, source, start.length < START_BYTES);
  return found && placed({ ...found, voxels: new Uint8Array(), warnings: [] }, source);
}

/** Shape and affine in the header of another format; undefined where it is cut off. */
function foundIn(
  head: Uint8Array,
  source: string,
  complete: boolean,
): Pick<Found, "shape" | "affine"> | undefined {
  if (isNrrd(head)) {
    const header = parseNrrdHeader(head, source);
    return complete || header.end < head.length ? header : undefined;
  }
  if (isMgh(head)) return parseMghHeader(head, source);
  if (!isMetaImage(head)) return undefined;
  const { lengths, affine } = parseMetaImageHeader(head, source);
  return { shape: lengths, affine };
}
