/**
 * Flips and swaps of a volume's axes, there and back.
 *
 * @module
 */
import { geometryOf } from "../formats/grid.ts";
import type { Affine, NiftiGeometry, Volume, Voxels } from "./volume.ts";

/** How the axes of one order of voxels run along those of another, the stored one. */
export interface AxisMap {
  /** For x, y and z the stored axis, 0 to 2, that it runs along. */
  axes: readonly number[];
  /** Whether it runs against that axis. */
  flipped: readonly boolean[];
}

/** The map that changes nothing. */
export const IDENTITY: AxisMap = { axes: [0, 1, 2], flipped: [false, false, false] };

/** Whether a map changes nothing. */
export function isIdentity({ axes, flipped }: AxisMap): boolean {
  return axes.every((stored, axis) => stored === axis) && !flipped.includes(true);
}

/** The map that does one after the other. */
export function composed(first: AxisMap, then: AxisMap): AxisMap {
  return {
    axes: then.axes.map((axis) => first.axes[axis]),
    flipped: then.axes.map((axis, i) => first.flipped[axis] !== then.flipped[i]),
  };
}

/** The map back. */
export function inverse({ axes, flipped }: AxisMap): AxisMap {
  const back = [0, 1, 2].map((stored) => axes.indexOf(stored));
  return { axes: back, flipped: back.map((axis) => flipped[axis]) };
}

/** A triple of something along the axes, brought to another order. */
export function permuted<T>(triple: readonly T[], { axes }: AxisMap): [T, T, T] {
  return [triple[axes[0]], triple[axes[1]], triple[axes[2]]];
}

/**
 * A volume with its voxels in another order: the same millimetres, so that shape, spacing and affine
 * follow. All frames of a 4D one; the same object where nothing changes.
 */
export function reordered(volume: Volume, map: AxisMap): Volume {
  if (isIdentity(map)) return volume;
  const { shape, spacing } = volume;
  const affine = reorderedAffine(volume, map);
  const placed = {
    shape: [...permuted(shape, map), ...shape.slice(3)],
    spacing: permuted(spacing, map),
  };
  return {
    ...volume,
    ...placed,
    voxels: reorderedVoxels(volume.voxels, shape, map),
    affine,
    geometry: reorderedGeometry(volume.geometry, { ...placed, affine }),
  };
}

/**
 * Voxels, x fastest, in another order.
 *
 * @param shape That of `voxels`: (x, y, z) or (x, y, z, t).
 */
export function reorderedVoxels<T extends Voxels>(
  voxels: T,
  shape: readonly number[],
  map: AxisMap,
): T {
  const strides = [1, shape[0], shape[0] * shape[1]];
  const [nx, ny, nz] = permuted(shape, map);
  const [sx, sy, sz] = map.axes.map((axis, i) => map.flipped[i] ? -strides[axis] : strides[axis]);
  const first = map.axes.reduce(
    (sum, axis, i) => sum + (map.flipped[i] ? (shape[axis] - 1) * strides[axis] : 0),
    0,
  );
  const result = voxels.slice() as T;
  const length = nx * ny * nz;
  for (let frame = 0, at = 0; frame < voxels.length; frame += length) {
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        let from = frame + first + z * sz + y * sy;
        for (let x = 0; x < nx; x++, from += sx) result[at++] = voxels[from];
      }
    }
  }
  return result;
}

/** The header of the reordered volume, with an affine only if it had one before. */
function reorderedGeometry(
  { sformCode, qformCode }: NiftiGeometry,
  { affine, shape, spacing }: Pick<Volume, "affine" | "shape" | "spacing">,
): NiftiGeometry {
  return {
    ...geometryOf(affine, shape),
    pixdim: [1, ...spacing, 0, 0, 0, 0],
    sformCode: sformCode > 0 || qformCode > 0 ? 1 : 0,
  };
}

function reorderedAffine({ affine, shape }: Volume, { axes, flipped }: AxisMap): Affine {
  return affine.map((row) => {
    const origin = axes.reduce(
      (sum, axis, i) => sum + (flipped[i] ? row[axis] * (shape[axis] - 1) : 0),
      row[3],
    );
    return [...axes.map((axis, i) => flipped[i] ? -row[axis] : row[axis]), origin];
  });
}
