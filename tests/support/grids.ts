/** Volumes on grids that lie askew in space, and comparing them. */
import assert from "node:assert/strict";
import { placed } from "../../lib/data/formats/grid.ts";
import type { Affine, Volume, Voxels } from "../../lib/data/volumes/volume.ts";

/** Axes to the left, back and feet, turned by 0.3 about z and 0.2 about x; 1.5 × 0.75 × 8 mm. */
export const OBLIQUE: Affine = (() => {
  const [c, s, d, t] = [Math.cos(0.3), Math.sin(0.3), Math.cos(0.2), Math.sin(0.2)];
  return [
    [-1.5 * c, 0.75 * s * d, 8 * s * t, 10],
    [-1.5 * s, -0.75 * c * d, -8 * c * t, -20],
    [0, -0.75 * t, 8 * d, 30],
    [0, 0, 0, 1],
  ];
})();

/** A volume of 5 × 4 × 3 voxels that lies askew. */
export function obliqueVolume(voxels: Voxels = obliqueVoxels()): Volume {
  return placed({ voxels, shape: [5, 4, 3], affine: OBLIQUE, warnings: [] }, "oblique");
}

/** Values of both signs, all different. */
export function obliqueVoxels(): Int16Array {
  return Int16Array.from({ length: 60 }, (_, i) => (i * 37 % 61 - 30) * 100);
}

/** Whether two affines are equal to so many mm. */
export function assertSameAffine(found: Affine, expected: Affine, tolerance: number): void {
  found.flat().forEach((value, i) => {
    const other = expected.flat()[i];
    assert.ok(
      Math.abs(value - other) <= tolerance,
      `${found.join("; ")} is not ${expected.join("; ")}`,
    );
  });
}
