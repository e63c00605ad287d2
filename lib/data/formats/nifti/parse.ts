/**
 * From the bytes of a NIfTI file to a {@linkcode Volume}, with no file system, so that a browser
 * can use it too.
 *
 * @module
 */
import { type NiftiHeader, parseHeader, realBytes } from "./header.ts";
import { placement } from "./geometry.ts";
import type { Volume, Voxels } from "../../volume.ts";

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
  const raw = new Uint8Array(bytes.subarray(start, end));
  if (!header.littleEndian) swapBytes(raw, header.voxelBytes);
  const stored = typedArray(raw.buffer, header.datatype, source);
  const { slope, inter } = header;
  if (slope === 1 && inter === 0) return stored;
  const real = realBytes({ name: header.datatype, bytes: header.voxelBytes }) === 4
    ? new Float32Array(stored.length)
    : new Float64Array(stored.length);
  for (let i = 0; i < stored.length; i++) real[i] = stored[i] * slope + inter;
  return real;
}

function typedArray(
  buffer: ArrayBuffer,
  datatype: NiftiHeader["datatype"],
  source: string,
): Voxels {
  switch (datatype) {
    case "int8":
      return new Int8Array(buffer);
    case "uint8":
      return new Uint8Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "uint16":
      return new Uint16Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "int64":
      return toFloat64(new BigInt64Array(buffer), source);
    case "uint64":
      return toFloat64(new BigUint64Array(buffer), source);
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
  }
}

/** 64-bit integers as float64, which holds them exactly up to 2⁵³. */
function toFloat64(integers: BigInt64Array | BigUint64Array, source: string): Float64Array {
  const reals = new Float64Array(integers.length);
  for (let i = 0; i < integers.length; i++) {
    reals[i] = Number(integers[i]);
    if (!Number.isSafeInteger(reals[i])) {
      throw new RangeError(
        `${source}: expected integers within ±2^53, found ${
          integers[i]
        }; convert the file to float64`,
      );
    }
  }
  return reals;
}

/** Reverses the bytes of every value in place. */
function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    for (let a = start, b = start + width - 1; a < b; a++, b--) {
      [bytes[a], bytes[b]] = [bytes[b], bytes[a]];
    }
  }
}
