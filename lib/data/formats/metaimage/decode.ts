/**
 * From the content of a MetaImage file to a {@linkcode Volume}: .mha, or .mhd with a file beside it.
 *
 * @module
 */
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { axisLast } from "../axis_last.ts";
import { BYTES, toVoxels } from "../datatype.ts";
import type { DecodeOptions } from "../format.ts";
import { placed } from "../grid.ts";
import { dataOf, type Part, partOf, surplus } from "../stored_data.ts";
import { textVoxels } from "../text_voxels.ts";
import { type MetaImageHeader, parseMetaImageHeader } from "./header.ts";

/**
 * Reads a MetaImage file.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @returns Voxels of the file's own type; 64-bit integers become float64. Channels are brought behind
 * the axes of space.
 * @throws {SyntaxError} If it is no MetaImage file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or a voxel does not fit.
 * @throws {TypeError} If the voxels' type is not supported.
 */
export async function decodeMetaImage(
  file: Uint8Array,
  source: string,
  options: DecodeOptions = {},
): Promise<Volume> {
  const header = parseMetaImageHeader(file, source);
  const { channels, lengths, affine } = header;
  const series = lengths.length > 3 && lengths[3] > 1;
  if (series && channels > 1) {
    throw new TypeError(
      `${source}: expected a time series or channels, found both; split the file first`,
    );
  }
  const part = await partOf({ bytes: file, source }, header, options);
  const { voxels, more } = await readVoxels(part, header, options);
  const last = series ? [lengths[3]] : channels > 1 ? [channels] : [];
  return placed({
    voxels: axisLast(voxels, [channels, ...lengths], 0),
    shape: [...lengths.slice(0, 3), ...last],
    affine,
    warnings: [...header.warnings, ...more],
  }, source);
}

/** The voxels as stored, and what is odd about their data. */
async function readVoxels(
  part: Part,
  header: MetaImageHeader,
  options: DecodeOptions,
): Promise<{ voxels: Voxels; more: string[] }> {
  const { datatype, littleEndian, encoding, skip, channels, lengths } = header;
  const { source } = part;
  const count = lengths.reduce((product, length) => product * length, channels);
  const size = count * BYTES[datatype];
  const skipped = skip < 0 ? Math.max(0, part.bytes.length - size) : skip;
  const rest = { source, bytes: part.bytes.subarray(skipped) };
  if (encoding === "text") {
    return { voxels: textVoxels(rest.bytes, { datatype, count, source }), more: [] };
  }
  const compressed = encoding === "zlib";
  const data = await dataOf(rest, { ...options, size, compressed });
  const voxels = toVoxels(data, { datatype, littleEndian, source });
  return { voxels, more: compressed ? [] : surplus(rest, size) };
}
