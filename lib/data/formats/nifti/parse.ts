/**
 * From the bytes of a NIfTI file to a {@linkcode Volume}, with no file system, so that a browser
 * can use it too.
 *
 * @module
 */
import { toVoxels } from "../datatype.ts";
import { type NiftiHeader, parseHeader, realBytes } from "./header.ts";
import { placement } from "./geometry.ts";
import type { Volume, Voxels } from "../../volumes/volume.ts";

/** Options of {@linkcode parseNifti}. */
export interface ParseNiftiOptions {
  /** The bytes of the .img file, where the header is that of a .hdr/.img pair. */
  image?: Uint8Array;
}

/**
 * Reads NIfTI-1 or NIfTI-2, in either byte order, from memory. Inflate gzipped files first
 * (`readNifti` does it).
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @returns Voxels of the file's own type, or, where `scl_slope` and `scl_inter` scale them, of
 * float32 (if stored in 8 or 16 bits, or as float32) or float64. 64-bit integers become float64.
 * @throws {SyntaxError} If this is no NIfTI file or a truncated one.
 * @throws {RangeError} If the header holds an impossible value, or a voxel is too large an integer.
 * @throws {TypeError} If the voxels are of a type that is not supported.
 */
export function parseNifti(
  bytes: Uint8Array,
  source: string,
  { image }: ParseNiftiOptions = {},
): Volume {
  const header = parseHeader(bytes, source);
  if (header.pair && !image) {
    throw new SyntaxError(`${source}: expected voxels, found the header of a .hdr/.img pair alone`);
  }
  const { shape, geometry } = header;
  const voxels = readVoxels(header.pair ? image! : bytes, header, source);
  return { voxels, shape, geometry, source, ...placement(geometry, shape, source) };
}

/** Stored values in this machine's byte order, scaled. */
function readVoxels(bytes: Uint8Array, header: NiftiHeader, source: string): Voxels {
  const { start, end } = header;
  if (bytes.length < end) {
    throw new SyntaxError(
      `${source}: expected ${end} bytes for shape ${header.shape.join(" × ")} of` +
        ` ${header.datatype}, found ${bytes.length}: truncated`,
    );
  }
  const { slope, inter, datatype, littleEndian } = header;
  const stored = toVoxels(bytes.subarray(start, end), { datatype, littleEndian, source });
  if (slope === 1 && inter === 0) return stored;
  const real = realBytes(datatype) === 4
    ? new Float32Array(stored.length)
    : new Float64Array(stored.length);
  for (let i = 0; i < stored.length; i++) real[i] = stored[i] * slope + inter;
  return real;
}
