/**
 * Affines out of axes and an origin, as NRRD and MetaImage tell them.
 *
 * @module
 */
import type { Affine } from "../volumes/volume.ts";

/**
 * An affine in RAS+ of axes and an origin in a file's own space.
 *
 * @param axes A vector per axis of the grid, as long as a voxel.
 * @param signs What the file's space is multiplied with, for instance -1, -1, 1 for LPS.
 */
export function affineOf(
  axes: readonly (readonly number[])[],
  origin: readonly number[],
  signs: readonly number[],
): Affine {
  // Adding 0 makes 0 of -0.
  const rows = [0, 1, 2].map((row) =>
    [...axes, origin].map((vector) => signs[row] * vector[row] + 0)
  );
  return [...rows, [0, 0, 0, 1]];
}

/** Two axes of a picture that lies in space, completed by one across it; three as they are. */
export function completed(
  axes: readonly (readonly number[])[],
  thickness: number,
): (readonly number[])[] {
  if (axes.length !== 2) return [...axes];
  const [a, b] = axes;
  const across = [0, 1, 2].map((i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    return a[j] * b[k] - a[k] * b[j];
  });
  const length = Math.hypot(...across);
  return [a, b, across.map((value) => value / length * thickness)];
}
