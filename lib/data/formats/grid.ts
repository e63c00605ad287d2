/**
 * The grid of a volume: from the affine that a format tells to the fields of a NIfTI header, which
 * masks are written with, and back to the numbers of voxels that fit.
 *
 * @module
 */
import type { Affine, NiftiGeometry, Volume, Voxels } from "../volumes/volume.ts";
import { placement } from "./nifti/geometry.ts";

/** Volume of a box of unit edges along the axes, below which they lie in a plane. */
const FLAT = 1e-6;

/** Longest axis that NIfTI-1 can hold. */
const LONGEST_1 = 32767;

/** What a file holds. */
export interface Found {
  /** Intensities, x fastest. */
  voxels: Voxels;
  /** (x, y, z) or (x, y, z, c). */
  shape: readonly number[];
  /** Voxel indices to RAS+ millimetres; absent where the file tells no place. */
  affine?: Affine;
  /** What was odd but bearable. */
  warnings: string[];
}

/**
 * A volume of what a file holds.
 *
 * @throws {RangeError} If the affine is not finite, or its axes do not span space.
 */
export function placed({ voxels, shape, affine, warnings }: Found, source: string): Volume {
  if (affine) expectSpace(affine, source);
  const geometry = geometryOf(affine, shape);
  const { warnings: odd, ...place } = placement(geometry, shape, source);
  return { voxels, shape, geometry, source, ...place, warnings: [...warnings, ...odd] };
}

/**
 * The geometry fields of a NIfTI header that holds an affine as its sform; with neither form, and
 * voxels of 1 mm, where there is none.
 *
 * @param shape (x, y, z) or (x, y, z, c).
 */
export function geometryOf(affine: Affine | undefined, shape: readonly number[]): NiftiGeometry {
  const sform = affine?.slice(0, 3) ?? [0, 1, 2].map(() => [0, 0, 0, 0]);
  return {
    version: shape.some((length) => length > LONGEST_1) ? 2 : 1,
    pixdim: [1, ...affine ? columnLengths(affine) : [1, 1, 1], 0, 0, 0, 0],
    qformCode: 0,
    sformCode: affine ? 1 : 0,
    quaternion: [0, 0, 0],
    offset: [0, 0, 0],
    sform,
    units: 2, // mm
  };
}

/** Size of a voxel along x, y, z by an affine. */
export function columnLengths(affine: Affine): [number, number, number] {
  const [x, y, z] = [0, 1, 2].map((axis) =>
    Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis])
  );
  return [x, y, z];
}

/**
 * The shape of voxels on a volume's grid: the volume's, or that of one of its frames.
 *
 * @throws {RangeError} If the number of voxels is another.
 */
export function shapeOn(voxels: Voxels, { shape, source }: Volume): readonly number[] {
  const count = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b);
  const found = [shape, shape.slice(0, 3)].find((lengths) => count(lengths) === voxels.length);
  if (found) return found;
  throw new RangeError(
    `${source}: expected voxels for shape ${shape.join(" × ")}, found ${voxels.length}`,
  );
}

function expectSpace(affine: Affine, source: string): void {
  const [[a, b, c], [d, e, f], [g, h, i]] = affine;
  const volume = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const [x, y, z] = columnLengths(affine);
  if (!affine.flat().every(Number.isFinite) || !(Math.abs(volume) > FLAT * x * y * z)) {
    throw new RangeError(
      `${source}: expected axes that span space, found ${
        affine.slice(0, 3).map((row) => row.join(" ")).join(", ")
      }; repair the header`,
    );
  }
}
