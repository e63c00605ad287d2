/**
 * Where voxels lie: spacing and affine out of the geometry fields of a NIfTI header.
 *
 * @module
 */
import type { Affine, NiftiGeometry } from "../../volumes/volume.ts";

/** Millimetres per unit, by the spatial code of `xyzt_units`: metre and micrometre. */
const MILLIMETRES = new Map([[1, 1000], [3, 0.001]]);

/** How far, relatively, the voxel size of an affine may be from `pixdim`. */
const TOLERANCE = 1e-2;

/** The smallest and the largest voxel size that is believed, in the header's unit. */
const SIZES = [1e-9, 1e9];

/** The warning of an affine whose columns are not as long as the voxels. */
export const CONTRADICTION = "The affine contradicts the voxel size in pixdim; pixdim is used.";

/** Spacing and affine in millimetres, and what was odd about them. */
export interface Placement {
  /** Size of a voxel in mm along x, y, z. */
  spacing: [number, number, number];
  /** Voxel indices to RAS+ millimetres. */
  affine: Affine;
  /** One sentence for each oddity. */
  warnings: string[];
}

/**
 * Spacing from `pixdim`; the affine from the sform, else the qform, else the spacing alone with
 * x flipped and the origin in the middle of the grid (as nibabel does).
 *
 * @param shape (x, y, z) or (x, y, z, t).
 * @param source The file's path, for messages.
 * @throws {RangeError} If a value that is to be used is not finite, or no size of a voxel.
 */
export function placement(
  geometry: NiftiGeometry,
  shape: readonly number[],
  source: string,
): Placement {
  const warnings: string[] = [];
  const unit = MILLIMETRES.get(geometry.units & 7) ?? 1;
  if (unit !== 1) warnings.push("The header's unit is not the millimetre; lengths are converted.");
  const size = voxelSize(geometry, shape, source, warnings);
  const affine = scaled(unscaledAffine(geometry, size, shape), unit);
  if (!affine.flat().every(Number.isFinite)) {
    throw new RangeError(
      `${source}: expected a finite affine, found ${affine.flat().join(", ")}; repair the header`,
    );
  }
  const spacing: [number, number, number] = [size[0] * unit, size[1] * unit, size[2] * unit];
  const contradicts = spacing.some((length, axis) => {
    const column = Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis]);
    return Math.abs(column - length) > TOLERANCE * length;
  });
  if (contradicts) warnings.push(CONTRADICTION);
  return { spacing, affine, warnings };
}

/**
 * `pixdim[1..3]`, made positive. An axis without a size has that of the sform, where there is one;
 * else it counts as 1, as in nibabel.
 */
function voxelSize(
  geometry: NiftiGeometry,
  shape: readonly number[],
  source: string,
  warnings: string[],
): number[] {
  return [1, 2, 3].map((axis) => {
    const length = geometry.pixdim[axis];
    const column = geometry.sformCode > 0
      ? Math.hypot(...geometry.sform.map((row) => row[axis - 1]))
      : 0;
    const used = Math.abs(length) || column || 1;
    const believed = used >= SIZES[0] && used <= SIZES[1] && !Number.isNaN(length);
    if (length > 0 && believed) return length;
    if (shape[axis - 1] === 1) return 1;
    if (!believed) {
      throw new RangeError(
        `${source}: expected a voxel size from ${SIZES.join(" to ")} in pixdim[${axis}], found ` +
          `${length}; repair the header`,
      );
    }
    warnings.push(`The voxel size pixdim[${axis}] is ${length}; ${used} is used.`);
    return used;
  });
}

function unscaledAffine(
  { sformCode, sform, qformCode, quaternion, offset, pixdim }: NiftiGeometry,
  size: readonly number[],
  shape: readonly number[],
): number[][] {
  const last = [0, 0, 0, 1];
  if (sformCode > 0) return [...sform.map((row) => [...row]), last];
  if (qformCode > 0) {
    const handedness = pixdim[0] < 0 ? -1 : 1;
    const [dx, dy, dz] = size;
    const rows = rotation(quaternion);
    return [
      ...rows.map(([x, y, z], i) => [x * dx, y * dy, z * dz * handedness, offset[i]]),
      last,
    ];
  }
  const steps = [-size[0], size[1], size[2]];
  return [
    ...steps.map((step, i) =>
      [0, 1, 2, 3].map((j) => j === i ? step : j === 3 ? -step * (shape[i] - 1) / 2 : 0)
    ),
    last,
  ];
}

/**
 * The rotation of a unit quaternion whose first component is not stored (nifti1.h, "method 2").
 * Rounding can make b² + c² + d² exceed 1 for turns of 180°: it is normalised then, as niftilib does.
 */
function rotation(quaternion: readonly number[]): number[][] {
  const rest = Math.hypot(...quaternion);
  const [b, c, d] = quaternion.map((value) => value / Math.max(1, rest));
  const a = Math.sqrt(Math.max(0, 1 - rest * rest));
  return [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
}

/** The affine in another unit: all but its last row times `unit`. */
function scaled(affine: number[][], unit: number): number[][] {
  return affine.map((row, i) => i < 3 ? row.map((value) => value * unit) : row);
}
