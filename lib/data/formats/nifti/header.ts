/**
 * The NIfTI header: its fields come from nifti-reader-js, what they may hold is checked here.
 *
 * The formats are those of nifti1.h and nifti2.h (https://nifti.nimh.nih.gov).
 *
 * @module
 */
import { NIFTI1, NIFTI2 } from "nifti-reader-js";
import type { NiftiGeometry, Voxels } from "../../volumes/volume.ts";
import { BYTES, type Datatype, datatypeOf } from "../datatype.ts";

/** How many bytes of a file decide everything about it: the longer header, NIfTI-2's. */
export const HEADER_BYTES = 540;

/** A single file's magic, then that of a .hdr/.img pair. */
const MAGIC_1 = ["n+1\0", "ni1\0"];
const MAGIC_2 = ["n+2\0\r\n\x1a\n", "ni2\0\r\n\x1a\n"];

/** `datatype` codes of nifti1.h. */
const DATATYPES = new Map<number, Datatype>([
  [2, "uint8"],
  [4, "int16"],
  [8, "int32"],
  [16, "float32"],
  [64, "float64"],
  [256, "int8"],
  [512, "uint16"],
  [768, "uint32"],
  [1024, "int64"],
  [1280, "uint64"],
]);

/** What codes that are refused stand for. */
const REFUSED = new Map([
  [1, "binary"],
  [32, "complex64"],
  [128, "RGB24"],
  [1536, "float128"],
  [1792, "complex128"],
  [2048, "complex256"],
  [2304, "RGBA32"],
]);

/** The `datatype` code and the bits of a voxel that a typed array is written with. */
export function niftiType(voxels: Voxels): { code: number; bits: number } {
  const datatype = datatypeOf(voxels);
  const [code] = [...DATATYPES].find(([, name]) => name === datatype)!;
  return { code, bits: 8 * BYTES[datatype] };
}

/** A header whose fields are all usable. */
export interface NiftiHeader {
  /** True where the voxels stand in a separate .img file. */
  pair: boolean;
  /** Byte order of the file. */
  littleEndian: boolean;
  /** (x, y, z) or (x, y, z, t): axes of one voxel after those are dropped. */
  shape: number[];
  /** How a voxel is stored. */
  datatype: Datatype;
  /** Where the voxels start in their file. */
  start: number;
  /** Where they end: the file must hold this many bytes. */
  end: number;
  /** Bytes of all voxels in memory, see {@linkcode realBytes}. */
  memory: number;
  /** What stored values are multiplied with; 1 where the file gives none. */
  slope: number;
  /** What is then added. */
  inter: number;
  /** Fields that are kept for writing. */
  geometry: NiftiGeometry;
}

/**
 * Reads and checks the header at the start of `bytes` (a .nii or .hdr file, not gzipped).
 *
 * @param source The file's path, for messages.
 * @throws {SyntaxError} If this is no NIfTI header.
 * @throws {RangeError} If a field holds an impossible value.
 * @throws {TypeError} If the voxels are of a type that is not supported.
 */
export function parseHeader(bytes: Uint8Array, source: string): NiftiHeader {
  const { raw, version, magic } = readFields(bytes, source);
  const pair = magic.startsWith("ni");
  const datatype = datatypeOfCode(raw.datatypeCode, source);
  const shape = spatialShape(raw.dims, source);
  const start = raw.vox_offset;
  const least = pair ? 0 : version === 1 ? 352 : 544;
  if (!Number.isSafeInteger(start) || start < least) {
    throw new RangeError(
      `${source}: expected vox_offset to be a whole number from ${least}, found ${start}`,
    );
  }
  const voxels = shape.reduce((product, length) => product * length);
  const { slope, inter } = scaleIn(raw, source);
  const wide = slope !== 1 || inter !== 0 ? realBytes(datatype) : BYTES[datatype];
  return {
    pair,
    littleEndian: raw.littleEndian,
    shape,
    datatype,
    start,
    end: start + voxels * BYTES[datatype],
    memory: voxels * wide,
    slope,
    inter,
    geometry: {
      version,
      pixdim: [...raw.pixDims],
      qformCode: raw.qform_code,
      sformCode: raw.sform_code,
      quaternion: [raw.quatern_b, raw.quatern_c, raw.quatern_d],
      offset: [raw.qoffset_x, raw.qoffset_y, raw.qoffset_z],
      sform: readSform(bytes, version, raw.littleEndian),
      units: raw.xyzt_units,
    },
  };
}

/** Bytes of a real number that holds a scaled voxel: float32 for 8 and 16 bits and for float32. */
export function realBytes(datatype: Datatype): 4 | 8 {
  return BYTES[datatype] <= 2 || datatype === "float32" ? 4 : 8;
}

/** The version of NIfTI that the magic of a file's first bytes tells; undefined for other files. */
export function versionOf(head: Uint8Array): 1 | 2 | undefined {
  if (MAGIC_1.includes(textAt(head, 344, 4))) return 1;
  return MAGIC_2.includes(textAt(head, 4, 8)) ? 2 : undefined;
}

/** Tells the version by its magic, then lets nifti-reader-js read the fields (no extensions). */
function readFields(
  bytes: Uint8Array,
  source: string,
): { raw: NIFTI1 | NIFTI2; version: 1 | 2; magic: string } {
  if (bytes.length < 348) {
    throw new SyntaxError(
      `${source}: expected a NIfTI header of 348 bytes or more, found ${bytes.length} bytes`,
    );
  }
  const version = versionOf(bytes);
  if (!version) {
    throw new SyntaxError(
      `${source}: expected a NIfTI-1 or NIfTI-2 file, found neither magic` +
        ` (Analyze, DICOM and other formats have to be converted first)`,
    );
  }
  const [raw, length] = version === 1 ? [new NIFTI1(), 348] : [new NIFTI2(), 540];
  if (bytes.length < length) {
    throw new SyntaxError(
      `${source}: expected a NIfTI-2 header of ${length} bytes, found ${bytes.length}: truncated`,
    );
  }
  try {
    raw.readHeader(new Uint8Array(bytes.subarray(0, length)).buffer);
  } catch {
    throw new SyntaxError(`${source}: expected sizeof_hdr to be ${length}, found another value`);
  }
  return { raw, version, magic: raw.magic };
}

function datatypeOfCode(code: number, source: string): Datatype {
  const datatype = DATATYPES.get(code);
  if (datatype) return datatype;
  const found = REFUSED.get(code) ?? `code ${code}`;
  throw new TypeError(
    `${source}: expected integer or real voxels, found datatype ${found}; convert the file first`,
  );
}

/** `scl_slope` and `scl_inter`; 1 and 0 where the slope is none. */
function scaleIn(
  { scl_slope: slope, scl_inter: inter }: Pick<NIFTI1, "scl_slope" | "scl_inter">,
  source: string,
): { slope: number; inter: number } {
  if (!Number.isFinite(slope) || slope === 0) return { slope: 1, inter: 0 };
  if (Number.isFinite(inter)) return { slope, inter };
  throw new RangeError(`${source}: expected a finite scl_inter, found ${inter}`);
}

/** `dim` as (x, y, z) or (x, y, z, t). */
function spatialShape(dims: number[], source: string): number[] {
  const [axes, ...lengths] = dims;
  if (!(axes >= 1 && axes <= 7)) {
    throw new RangeError(`${source}: expected dim[0] from 1 to 7, found ${axes}`);
  }
  const shape = lengths.slice(0, axes);
  const bad = shape.findIndex((length) => !(length >= 1));
  if (bad >= 0) {
    throw new RangeError(`${source}: expected dim[${bad + 1}] of at least 1, found ${shape[bad]}`);
  }
  while (shape.length < 3) shape.push(1);
  while (shape.length > 3 && shape.at(-1) === 1) shape.pop();
  if (shape.length > 4 || axes === 1) {
    throw new RangeError(
      `${source}: expected 2 to 4 axes, found shape ${shape.join(" × ")}; split the file first`,
    );
  }
  return shape;
}

/** `srow_x`, `srow_y`, `srow_z`, which nifti-reader-js gives only where it would use them. */
function readSform(bytes: Uint8Array, version: 1 | 2, littleEndian: boolean): number[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const value = (index: number) =>
    version === 1
      ? view.getFloat32(280 + 4 * index, littleEndian)
      : view.getFloat64(400 + 8 * index, littleEndian);
  return [0, 4, 8].map((row) => [0, 1, 2, 3].map((column) => value(row + column)));
}

/** Bytes as Latin-1 text. */
function textAt(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
