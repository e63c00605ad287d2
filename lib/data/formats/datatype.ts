/**
 * How voxels are stored in files, whatever the format.
 *
 * @module
 */
import type { Voxels } from "../volumes/volume.ts";

const DATATYPES = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
] as const;

/** How a voxel is stored. */
export type Datatype = (typeof DATATYPES)[number];

/** Bytes of a stored voxel. */
export const BYTES: Readonly<Record<Datatype, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

/** What holds stored voxels in memory. */
export const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  float32: Float32Array,
  float64: Float64Array,
} satisfies Record<Datatype, new (length: number) => Voxels>;

/** What voxels are stored as, and by whom that is told. */
export interface StoredAs {
  /** How a voxel is stored. */
  datatype: Datatype;
  /** Byte order of the file. */
  littleEndian: boolean;
  /** The file's path or name, for messages. */
  source: string;
}

/** The datatype that a typed array is stored as. */
export function datatypeOf(voxels: Voxels): Datatype {
  const name = voxels.constructor.name.replace("Array", "").toLowerCase();
  const datatype = DATATYPES.find((datatype) => datatype === name);
  if (datatype) return datatype;
  throw new TypeError(`expected voxels in a typed array, found ${voxels.constructor.name}`);
}

/**
 * Stored values in this machine's byte order, as a copy. 64-bit integers become float64.
 *
 * @throws {RangeError} If a voxel is an integer beyond ±2⁵³.
 */
export function toVoxels(bytes: Uint8Array, { datatype, littleEndian, source }: StoredAs): Voxels {
  const raw = new Uint8Array(bytes);
  if (!littleEndian) swapBytes(raw, BYTES[datatype]);
  const { buffer } = raw;
  switch (datatype) {
    case "int8":
      return new Int8Array(buffer);
    case "uint8":
      return raw;
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

/** The bytes of voxels in a file's byte order, as a copy. */
export function fromVoxels(
  voxels: Voxels,
  { littleEndian }: { littleEndian: boolean },
): Uint8Array {
  const bytes = new Uint8Array(voxels.byteLength);
  bytes.set(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength));
  if (!littleEndian) swapBytes(bytes, voxels.BYTES_PER_ELEMENT);
  return bytes;
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
