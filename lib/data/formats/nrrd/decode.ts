/**
 * From the content of an NRRD file to a {@linkcode Volume}: .nrrd, or .nhdr with a file beside it.
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
import { type NrrdHeader, parseNrrdHeader } from "./header.ts";

/** Line feed. */
const LF = 10;

/**
 * Reads an NRRD file.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @returns Voxels of the file's own type; 64-bit integers become float64. An axis of channels, or of
 * time, is brought behind those of space.
 * @throws {SyntaxError} If it is no NRRD file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or a voxel does not fit.
 * @throws {TypeError} If type or encoding of the voxels is not supported.
 */
export async function decodeNrrd(
  file: Uint8Array,
  source: string,
  options: DecodeOptions = {},
): Promise<Volume> {
  const header = parseNrrdHeader(file, source);
  const { sizes, channelAxis, shape, affine, warnings } = header;
  const whole = await partOf({ bytes: file, source }, header, options);
  const part = { ...whole, bytes: withoutLines(whole.bytes, header.lineSkip) };
  const { voxels, more } = await readVoxels(part, header, options);
  const moved = channelAxis === undefined ? voxels : axisLast(voxels, sizes, channelAxis);
  return placed({ voxels: moved, shape, affine, warnings: [...warnings, ...more] }, source);
}

/** The voxels as stored, and what is odd about their data. */
async function readVoxels(
  part: Part,
  header: NrrdHeader,
  options: DecodeOptions,
): Promise<{ voxels: Voxels; more: string[] }> {
  const { datatype, littleEndian, encoding, byteSkip, sizes } = header;
  const { source } = part;
  const count = sizes.reduce((product, length) => product * length);
  if (encoding === "text") {
    const voxels = textVoxels(part.bytes.subarray(byteSkip), { datatype, count, source });
    return { voxels, more: [] };
  }
  const size = count * BYTES[datatype];
  const skipped = byteSkip < 0 ? Math.max(0, part.bytes.length - size) : byteSkip;
  const compressed = encoding === "gzip";
  const data = await dataOf(part, { ...options, size: skipped + size, compressed });
  const voxels = toVoxels(data.subarray(skipped), { datatype, littleEndian, source });
  return { voxels, more: compressed ? [] : surplus(part, skipped + size) };
}

/** What follows after so many lines. */
function withoutLines(bytes: Uint8Array, lines: number): Uint8Array {
  let start = 0;
  for (let line = 0; line < lines && start < bytes.length; line++) {
    const end = bytes.indexOf(LF, start);
    start = end < 0 ? bytes.length : end + 1;
  }
  return bytes.subarray(start);
}
