/**
 * Whether a converted volume lies where the headers of its slices say: a second opinion on the
 * converter, so that no scan is misplaced in silence.
 *
 * @module
 */
import type { Volume } from "../../volume.ts";
import type { SlicePlace } from "./header.ts";
import type { Stack } from "./stack.ts";

/** How far a corner may lie from where it should, as a part of the smallest voxel size. */
const TOLERANCE = 0.1;

/** Rounding of positions in mm, whatever the voxels' size. */
const ROUNDING = 0.02;

/**
 * Makes sure that a volume has the shape of a stack of slices, and its corners lie where the stack's
 * do, in millimetres.
 *
 * @throws {RangeError} If one does not.
 */
export function checkVolume({ shape, spacing, affine, source }: Volume, stack: Stack): void {
  const [columns, rows, slices, volumes] = stack.shape;
  const expected = volumes === 1 ? [columns, rows, slices] : [columns, rows, slices, volumes];
  if (shape.join() !== expected.join()) {
    throw new RangeError(
      `${source}: expected ${expected.join(" × ")} voxels of the series, found ` +
        `${shape.join(" × ")} after conversion; ${WAY_OUT}`,
    );
  }
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

const WAY_OUT = "convert it with dcm2niix, look at the result, and use its NIfTI file";

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
function cornersOf(affine: Volume["affine"], [x, y, z]: readonly number[]): number[][] {
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
