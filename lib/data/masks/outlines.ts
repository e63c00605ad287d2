/**
 * Where the outlines of a mask lie, and what is odd about that.
 *
 * @module
 */
import { IGNORED } from "./labels.ts";
import type { LoadedScan } from "../datasets/read_scan.ts";

/** Planes from which an outline of one voxel's thickness was drawn, and is no small thing. */
const WIDE = 4;

/**
 * A sentence where slices between outlined ones have no outline, or all slices but one, or where
 * outlines were drawn across the slices.
 */
export function outlineWarning({ voxels, shape }: NonNullable<LoadedScan["mask"]>): string[] {
  const [columns, rows, slices] = outlinedPlanes(voxels, shape);
  const [outlined, depth] = [slices.length, shape[2]];
  if (outlined === 0) return [];
  if (wereDrawn(columns, [rows, slices]) || wereDrawn(rows, [columns, slices])) return [ACROSS];
  const between = gapsIn(slices);
  const left = depth - outlined;
  const ignored = voxels.includes(IGNORED);
  if (ignored || (between === 0 && (outlined > 1 || left < 2))) return [];
  const which = between > 0
    ? `${between} of ${depth} slices have no outline, though they lie between outlined ones`
    : `${left} of ${depth} slices have no outline`;
  return [
    `${which}: they count as background; if nobody outlined them, leave them out ` +
    "(data.unlabelledSlices=leave-out).",
  ];
}

/** Where outlines lie in planes that cross the slices. */
const ACROSS =
  "Outlines lie in single planes that cross the slices, as if drawn in another view: take " +
  "slices along it (grid.axis), and leave the others out (data.unlabelledSlices=leave-out).";

/** Along each axis the positions, in order, of planes with an outline. */
export function outlinedPlanes(
  voxels: Uint8Array,
  [width, height, depth]: readonly number[],
): number[][] {
  const found = [width, height, depth].map((length) => new Uint8Array(length));
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (voxels[i] === 0 || voxels[i] === IGNORED) continue;
        found[0][x] = found[1][y] = found[2][z] = 1;
      }
    }
  }
  return found.map((planes) => [...planes.keys()].filter((at) => planes[at]));
}

/** Whether outlines fill planes of one voxel, none beside another, and lie in several of the others. */
function wereDrawn(planes: readonly number[], others: readonly (readonly number[])[]): boolean {
  return planes.every((at, i) => i === 0 || at - planes[i - 1] > 1) &&
    others.every(({ length }) => length >= WIDE);
}

/** How many positions lie between the first and the last of some without being one of them. */
function gapsIn(positions: readonly number[]): number {
  return positions.at(-1)! - positions[0] + 1 - positions.length;
}
