/**
 * NIfTI files as bytes: masks and images on the grid of a volume that was read.
 *
 * @module
 */
import { shapeOn } from "../grid.ts";
import { niftiType } from "./header.ts";
import type { Volume, Voxels } from "../../volumes/volume.ts";

/**
 * The bytes of a single NIfTI file that holds `voxels` on the grid of `like`: its shape, voxel
 * size, qform, sform, units and NIfTI version, bit for bit. Free text of the header that was read
 * is not copied: it may name a patient.
 *
 * @param voxels x fastest, as many as `like` has, or as many as one of its frames has.
 * @throws {RangeError} If the number of voxels is another.
 */
export function encodeNifti(voxels: Voxels, like: Volume): Uint8Array {
  const shape = shapeOn(voxels, like);
  const start = like.geometry.version === 1 ? 352 : 544;
  const bytes = new Uint8Array(start + voxels.byteLength);
  const header = new DataView(bytes.buffer);
  if (like.geometry.version === 1) writeHeader1(header, voxels, shape, like);
  else writeHeader2(header, voxels, shape, like);
  bytes.set(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength), start);
  return bytes;
}

/** Field offsets of nifti1.h. */
function writeHeader1(
  view: DataView,
  voxels: Voxels,
  shape: readonly number[],
  like: Volume,
): void {
  const { geometry } = like;
  const { code, bits } = niftiType(voxels);
  const float = (offset: number) => (value: number, i: number) =>
    view.setFloat32(offset + 4 * i, value, true);
  view.setInt32(0, 348, true);
  dimensions(shape).forEach((length, i) => view.setInt16(40 + 2 * i, length, true));
  view.setInt16(70, code, true);
  view.setInt16(72, bits, true);
  geometry.pixdim.forEach(float(76));
  [352, 1, 0].forEach(float(108)); // vox_offset, scl_slope, scl_inter
  view.setUint8(123, geometry.units);
  view.setInt16(252, geometry.qformCode, true);
  view.setInt16(254, geometry.sformCode, true);
  [...geometry.quaternion, ...geometry.offset].forEach(float(256));
  geometry.sform.flat().forEach(float(280));
  text(view, 344, "n+1\0");
}

/** Field offsets of nifti2.h. */
function writeHeader2(
  view: DataView,
  voxels: Voxels,
  shape: readonly number[],
  like: Volume,
): void {
  const { geometry } = like;
  const { code, bits } = niftiType(voxels);
  const float = (offset: number) => (value: number, i: number) =>
    view.setFloat64(offset + 8 * i, value, true);
  view.setInt32(0, 540, true);
  text(view, 4, "n+2\0\r\n\x1a\n");
  view.setInt16(12, code, true);
  view.setInt16(14, bits, true);
  dimensions(shape).forEach((length, i) => view.setBigInt64(16 + 8 * i, BigInt(length), true));
  geometry.pixdim.forEach(float(104));
  view.setBigInt64(168, 544n, true);
  [1, 0].forEach(float(176)); // scl_slope, scl_inter
  view.setInt32(344, geometry.qformCode, true);
  view.setInt32(348, geometry.sformCode, true);
  [...geometry.quaternion, ...geometry.offset].forEach(float(352));
  geometry.sform.flat().forEach(float(400));
  view.setInt32(500, geometry.units, true);
}

/** `dim`: the number of axes, their lengths, and 1 for the rest. */
function dimensions(shape: readonly number[]): number[] {
  return [shape.length, ...shape, ...Array(7 - shape.length).fill(1)];
}

function text(view: DataView, offset: number, characters: string): void {
  [...characters].forEach((character, i) => view.setUint8(offset + i, character.charCodeAt(0)));
}
