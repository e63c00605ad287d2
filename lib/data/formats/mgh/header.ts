/**
 * The header of FreeSurfer's MGH files (https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat).
 *
 * @module
 */
import type { Affine } from "../../volumes/volume.ts";
import { BYTES, type Datatype } from "../datatype.ts";
import { MOST_BYTES } from "../format.ts";

/** Where the voxels start. */
export const MGH_HEADER_BYTES = 284;

/** What voxels are stored as, by the codes of mri.h. */
export const MGH_TYPES = new Map<number, Datatype>([
  [0, "uint8"],
  [1, "int32"],
  [3, "float32"],
  [4, "int16"],
  [10, "uint16"],
]);

/** Axes of a file that tells none, as nibabel has them: to the left, the head and the back. */
const CORONAL = [[-1, 0, 0], [0, 0, 1], [0, -1, 0]];

/** A header whose fields are all usable. */
export interface MghHeader {
  /** How a voxel is stored, big-endian. */
  datatype: Datatype;
  /** (x, y, z) or (x, y, z, t). */
  shape: readonly number[];
  /** Where the voxels end: the file, inflated, must hold this many bytes. */
  end: number;
  /** Voxel indices to RAS+ millimetres. */
  affine: Affine;
  /** What was odd but bearable. */
  warnings: string[];
}

/** Whether a file begins as MGH does: version 1, then lengths and a type that there are. */
export function isMgh(head: Uint8Array): boolean {
  if (head.length < MGH_HEADER_BYTES) return false;
  const view = new DataView(head.buffer, head.byteOffset);
  const lengths = [4, 8, 12, 16].map((at) => view.getInt32(at));
  return view.getInt32(0) === 1 && lengths.every((length) => length >= 1) &&
    MGH_TYPES.has(view.getInt32(20));
}

/**
 * Reads and checks the first bytes of a file, inflated.
 *
 * @throws {SyntaxError} If this is no MGH file.
 * @throws {RangeError} If a field holds an impossible value.
 * @throws {TypeError} If the voxels' type is not supported.
 */
export function parseMghHeader(head: Uint8Array, source: string): MghHeader {
  if (head.length < MGH_HEADER_BYTES) {
    throw new SyntaxError(
      `${source}: expected an MGH header of ${MGH_HEADER_BYTES} bytes, found ${head.length} bytes`,
    );
  }
  const view = new DataView(head.buffer, head.byteOffset);
  if (view.getInt32(0) !== 1) {
    throw new SyntaxError(`${source}: expected an MGH file of version 1, found another file`);
  }
  const lengths = [4, 8, 12, 16].map((at) => view.getInt32(at));
  const voxels = lengths.reduce((product, length) => product * length);
  if (!lengths.every((length) => length >= 1) || voxels > MOST_BYTES) {
    throw new RangeError(
      `${source}: expected lengths from 1, found ${lengths.join(" × ")}; repair the header`,
    );
  }
  const code = view.getInt32(20);
  const datatype = MGH_TYPES.get(code);
  if (!datatype) {
    throw new TypeError(
      `${source}: expected integer or real voxels, found type ${code}; convert the file first`,
    );
  }
  return {
    datatype,
    shape: lengths[3] > 1 ? lengths : lengths.slice(0, 3),
    end: MGH_HEADER_BYTES + voxels * BYTES[datatype],
    ...placeOf(view, lengths, source),
  };
}

/** Axes, voxel size and the middle of the grid, which lies between voxels where a length is even. */
function placeOf(
  view: DataView,
  lengths: readonly number[],
  source: string,
): { affine: Affine; warnings: string[] } {
  const float = (index: number) => view.getFloat32(30 + 4 * index);
  const told = view.getInt16(28) > 0;
  const sizes = told ? [0, 1, 2].map(float) : [1, 1, 1];
  if (!sizes.every((size) => size > 0 && size < Infinity)) {
    throw new RangeError(
      `${source}: expected voxel sizes above 0, found ${sizes.join(", ")}; repair the header`,
    );
  }
  const axes = told
    ? [0, 1, 2].map((axis) => [0, 1, 2].map((row) => float(3 + 3 * axis + row)))
    : CORONAL;
  const affine = [0, 1, 2].map((row) => {
    const steps = axes.map((axis, i) => axis[row] * sizes[i]);
    const centre = told ? float(12 + row) : 0;
    return [...steps, steps.reduce((at, step, i) => at - step * lengths[i] / 2, centre)];
  });
  const warnings = told
    ? []
    : ["The header does not tell where the voxels lie; coronal slices of 1 mm are taken."];
  return { affine: [...affine, [0, 0, 0, 1]], warnings };
}
