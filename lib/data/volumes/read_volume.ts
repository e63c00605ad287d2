/**
 * Reading scans and masks of any format.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathInside } from "../../io/folders.ts";
import { isDicom } from "../formats/dicom/encoding.ts";
import { readDicom } from "../formats/dicom/read_series.ts";
import { MOST_BYTES } from "../formats/format.ts";
import { decodeVolume } from "../formats/formats.ts";
import { headerOfImage } from "../formats/pairs.ts";
import { inflateZlib } from "../../io/inflate_zlib.ts";
import { readBytes, type ReadBytesOptions } from "../../io/read_file.ts";
import type { Volume } from "./volume.ts";

/** Options of {@linkcode readVolume}. */
export interface ReadVolumeOptions extends Pick<ReadBytesOptions, "within"> {
  /** How large a file, inflated if it is compressed, and its voxels may be; 2 GiB by default. */
  maxBytes?: number;
}

/**
 * Reads a file of any format of `FORMATS`, told by its content, or by its name where that does not
 * tell; of a DICOM file the series that it belongs to, from its folder. A header's data is read from
 * the file that it names, which must lie in the header's folder or below. Either file of a .hdr/.img
 * pair may be named.
 *
 * @throws {Error} If there is no such file.
 * @throws {SyntaxError} If it is of no format that is read, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, lies outside `within`, or holds an impossible
 * value.
 * @throws {TypeError} If it is no regular file, or holds what is not supported.
 */
export async function readVolume(
  path: string,
  { maxBytes = MOST_BYTES, within }: ReadVolumeOptions = {},
): Promise<Volume> {
  const source = headerOfImage(path) ?? path;
  const read = (file: string) => readBytes(file, { maxBytes, within });
  const file = await read(source);
  if (isDicom(file)) return await readDicom(source, { maxBytes, within });
  return await decodeVolume(file, source, {
    maxBytes,
    inflate: inflateZlib,
    beside: (name) => read(pathInside(dirname(source), name, source)),
  });
}
