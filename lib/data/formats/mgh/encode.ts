/**
 * MGH files as bytes: masks on the grid of a volume that was read.
 *
 * @module
 */
import { concatBytes } from "../../../io/concat_arrays.ts";
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { datatypeOf, fromVoxels } from "../datatype.ts";
import { columnLengths, shapeOn } from "../grid.ts";
import { MGH_HEADER_BYTES, MGH_TYPES } from "./header.ts";

/**
 * An .mgh file, not compressed, that holds `voxels` on the grid of `like`. Types that FreeSurfer
 * lacks become wider ones.
 *
 * @param voxels x fastest, as many as `like` has, or as many as one of its frames has.
 * @throws {RangeError} If the number of voxels is another, or one is too large an integer.
 */
export function encodeMgh(voxels: Voxels, like: Volume): Uint8Array {
  const shape = shapeOn(voxels, like);
  const stored = storable(voxels, like.source);
  const [code] = [...MGH_TYPES].find(([, name]) => name === datatypeOf(stored))!;
  const header = new Uint8Array(MGH_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const [x, y, z, frames = 1] = shape;
  [1, x, y, z, frames, code].forEach((value, i) => view.setInt32(4 * i, value));
  view.setInt16(28, 1); // goodRASFlag
  const sizes = columnLengths(like.affine);
  const rows = like.affine.slice(0, 3);
  const axes = sizes.map((size, axis) => rows.map((row) => row[axis] / size));
  const centre = rows.map((row) => row[3] + (row[0] * x + row[1] * y + row[2] * z) / 2);
  [...sizes, ...axes.flat(), ...centre].forEach((value, i) => view.setFloat32(30 + 4 * i, value));
  return concatBytes([header, fromVoxels(stored, { littleEndian: false })]);
}

/** Voxels in a type that all readers of the format know. */
function storable(voxels: Voxels, source: string): Voxels {
  if (voxels instanceof Int8Array) return Int16Array.from(voxels);
  if (voxels instanceof Uint16Array) return Int32Array.from(voxels);
  if (voxels instanceof Float64Array) return Float32Array.from(voxels);
  if (!(voxels instanceof Uint32Array)) return voxels;
  if (voxels.some((value) => value >= 2 ** 31)) {
    throw new RangeError(`${source}: expected labels below 2^31, found a higher one`);
  }
  return Int32Array.from(voxels);
}
