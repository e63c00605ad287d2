/**
 * From the content of a FreeSurfer file, .mgh or .mgz, to a {@linkcode Volume}.
 *
 * @module
 */
import { gunzipStart, isGzip } from "../../../io/gzip.ts";
import { inflateStream } from "../../../io/inflate_stream.ts";
import type { Volume } from "../../volumes/volume.ts";
import { toVoxels } from "../datatype.ts";
import type { DecodeOptions } from "../format.ts";
import { placed } from "../grid.ts";
import { dataOf } from "../stored_data.ts";
import { MGH_HEADER_BYTES, parseMghHeader } from "./header.ts";

/**
 * Reads an MGH file. Gzip is told by the content, not by the name.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @throws {SyntaxError} If it is no MGH file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or the header holds an impossible value.
 * @throws {TypeError} If the voxels' type is not supported.
 */
export async function decodeMgh(
  file: Uint8Array,
  source: string,
  options: DecodeOptions = {},
): Promise<Volume> {
  const { inflate = inflateStream } = options;
  const head = await gunzipStart(file, MGH_HEADER_BYTES, { source, inflate });
  const { datatype, shape, end, affine, warnings } = parseMghHeader(head, source);
  const compressed = isGzip(file);
  const bytes = await dataOf({ bytes: file, source }, { ...options, size: end, compressed });
  const stored = { datatype, littleEndian: false, source };
  const voxels = toVoxels(bytes.subarray(MGH_HEADER_BYTES, end), stored);
  return placed({ voxels, shape, affine, warnings }, source);
}
