/**
 * Where a converted volume lies, by the headers of its slices: a second opinion on the converter, so
 * that no scan is misplaced in silence.
 *
 * @module
 */
import type { Affine, Volume } from "../../volumes/volume.ts";
import type { SlicePlace } from "./header.ts";
import type { Stack } from "./stack.ts";

/** How far a corner may lie from where it should, as a part of the smallest voxel size. */
const TOLERANCE = 0.02;

/** Rounding of single-precision positions, in mm. */
const ROUNDING = 1e-3;

/** A step between slices that differs by more, in mm over the whole stack, was made of two slices. */
const SAME_STEP = 0.01;

const WAY_OUT = "convert it with dcm2niix, look at the result, and use its NIfTI file";

/**
 * A converted volume, once its shape and its corners are found to be those of the stack of slices. The
 * converter takes the distance between slices from the first two; where positions are rounded, it is
 * taken from the first and the last here.
 *
 * @throws {RangeError} If the shape is another, or a corner does not lie where the stack's do.
 */
export function placeVolume(volume: Volume, stack: Stack): Volume {
  const { shape, source } = volume;
  const [columns, rows, slices, volumes] = stack.shape;
  const expected = volumes === 1 ? [columns, rows, slices] : [columns, rows, slices, volumes];
  if (shape.join() !== expected.join()) {
    throw new RangeError(
      `${source}: expected ${expected.join(" × ")} voxels in the series, found ` +
        `${shape.join(" × ")} after conversion; ${WAY_OUT}`,
    );
  }
  const even = withStep(volume, stack);
  checkCorners(even, stack);
  return even;
}

/** The volume with its slices evenly between the first and the last. */
function withStep(volume: Volume, { shape: [, , slices], ends }: Stack): Volume {
  if (slices === 1) return volume;
  const [first, last] = ends.map(({ position: [x, y, z] }) => [-x, -y, z]);
  const upwards = first.map((start, i) => (last[i] - start) / (slices - 1));
  const stored = volume.affine.slice(0, 3).map((row) => row[2]);
  const along = upwards.reduce((sum, value, i) => sum + value * stored[i], 0);
  const step = upwards.map((value) => along < 0 ? -value : value);
  if (distance(step, stored) * (slices - 1) < SAME_STEP) return volume;
  const sform = volume.affine.slice(0, 3).map((row, i) => row.with(2, step[i]));
  const length = Math.hypot(...step);
  const { geometry, spacing: [x, y], warnings } = volume;
  return {
    ...volume,
    spacing: [x, y, length],
    affine: [...sform, [0, 0, 0, 1]],
    geometry: {
      ...geometry,
      pixdim: geometry.pixdim.with(3, length),
      qformCode: 0,
      sformCode: 1,
      sform,
    },
    warnings: [...warnings, "Slices are not quite evenly apart; their mean distance is used."],
  };
}

function checkCorners({ shape, spacing, affine, source }: Volume, stack: Stack): void {
  const found = cornersOf(affine, shape);
  const within = TOLERANCE * Math.min(...spacing) + ROUNDING;
  for (const corner of stack.ends.flatMap((place) => sliceCorners(place, stack))) {
    const nearest = Math.min(...found.map((one) => distance(one, corner)));
    if (nearest <= within) continue;
    throw new RangeError(
      `${source}: expected a corner at ${shown(corner)} mm, as the slices say, found none within ` +
        `${Number(nearest.toPrecision(2))} mm after conversion; ${WAY_OUT}`,
    );
  }
}

/** The corners of a slice in RAS+ millimetres; DICOM counts to the left and to the back. */
function sliceCorners({ position, orientation }: SlicePlace, stack: Stack): number[][] {
  const [columns, rows] = stack.shape;
  const [across, down] = stack.spacing;
  const steps = [[0, 0], [columns - 1, 0], [0, rows - 1], [columns - 1, rows - 1]];
  return steps.map(([column, row]) =>
    position.map((start, i) => {
      const value = start + column * across * orientation[i] + row * down * orientation[i + 3];
      return i < 2 ? -value : value;
    })
  );
}

/** The corners of a grid in millimetres. */
function cornersOf(affine: Affine, [x, y, z]: readonly number[]): number[][] {
  const last = [x - 1, y - 1, z - 1];
  return Array.from({ length: 8 }, (_, corner) => {
    const index = last.map((end, axis) => corner >> axis & 1 ? end : 0);
    return affine.slice(0, 3).map(([a, b, c, d]) => a * index[0] + b * index[1] + c * index[2] + d);
  });
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, i) => value - b[i]));
}

function shown(corner: readonly number[]): string {
  return `(${corner.map((value) => Number(value.toFixed(1))).join(", ")})`;
}
