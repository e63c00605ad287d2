/**
 * Where the voxels of a file lie, from its header alone where that is quick.
 *
 * @module
 */
import { type Found, placed } from "../formats/grid.ts";
import { isMetaImage, parseMetaImageHeader } from "../formats/metaimage/header.ts";
import { isMgh, parseMghHeader } from "../formats/mgh/header.ts";
import { placement } from "../formats/nifti/geometry.ts";
import { parseHeader, versionOf } from "../formats/nifti/header.ts";
import { isNrrd, parseNrrdHeader } from "../formats/nrrd/header.ts";
import { headerOfImage } from "../formats/pairs.ts";
import type { ReadBytesOptions } from "../../io/read_file.ts";
import { readHead } from "../../io/read_head.ts";
import type { GridOf } from "./voxel_order.ts";

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
  const { bytes: head, whole } = await readHead(source, { within });
  if (versionOf(head) !== undefined) {
    const { shape, geometry } = parseHeader(head, source);
    const { spacing, affine } = placement(geometry, shape, source);
    return { shape, spacing, affine, geometry };
  }
  const found = foundIn(head, source, whole);
  return found && placed({ ...found, voxels: new Uint8Array(), warnings: [] }, source);
}

/** Shape and affine in the header of another format; undefined where it is cut off. */
function foundIn(
  head: Uint8Array,
  source: string,
  whole: boolean,
): Pick<Found, "shape" | "affine"> | undefined {
  if (isNrrd(head)) {
    const header = parseNrrdHeader(head, source);
    return whole || header.end < head.length ? header : undefined;
  }
  if (isMgh(head)) return parseMghHeader(head, source);
  if (!isMetaImage(head)) return undefined;
  const { lengths, affine } = parseMetaImageHeader(head, source);
  return { shape: lengths, affine };
}
