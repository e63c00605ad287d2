/**
 * How far outlines reach and how thin they are: what a grid has to show of them.
 *
 * @module
 */
import { IGNORED } from "../data/masks/labels.ts";
import { distanceTransform } from "../math/distance_transform.ts";

/** A mask in working order: slices along the third axis. */
export interface OutlinedMask {
  /** Labels, x fastest. */
  voxels: Uint8Array;
  /** Voxels along x, y, z. */
  shape: readonly number[];
  /** Size of a voxel in mm along x, y, z. */
  spacing: readonly number[];
}

/** So many labelled voxels lie this far from the middle of their slice. */
export interface Reach {
  /** Half the side of the square about the slice's middle that just holds them, in mm. */
  mm: number;
  /** How many. */
  voxels: number;
}

/** Whether a label is a structure's. */
export function isOutlined(label: number): boolean {
  return label !== 0 && label !== IGNORED;
}

/** How far the voxels of a label lie from the middle of their slices, column by column. */
export function outlineReach({ voxels, shape, spacing }: OutlinedMask, label: number): Reach[] {
  const [width, height] = shape;
  const counts = new Uint32Array(width * height);
  voxels.forEach((one, i) => counts[i % counts.length] += one === label ? 1 : 0);
  const offset = (at: number, size: number, mm: number) =>
    (Math.abs(at - (size - 1) / 2) + 0.5) * mm;
  return [...counts.keys()].filter((i) => counts[i] > 0).map((i) => ({
    mm: Math.max(
      offset(i % width, width, spacing[0]),
      offset(Math.floor(i / width), height, spacing[1]),
    ),
    voxels: counts[i],
  }));
}

/** The smallest reach within which a share of all voxels lies, in mm; 0 of none. */
export function reachOf(reaches: readonly Reach[], share: number): number {
  const wanted = share * reaches.reduce((sum, { voxels }) => sum + voxels, 0);
  let held = 0;
  const sorted = reaches.toSorted((a, b) => a.mm - b.mm);
  return sorted.find(({ voxels }) => (held += voxels) >= wanted)?.mm ?? 0;
}

/**
 * How many mm a structure is across at its widest slice, where it has most pixels: the diameter of the
 * largest circle within it. Undefined where nothing has the label.
 */
export function structureAcross(
  { voxels, shape: [width, height, depth], spacing }: OutlinedMask,
  label: number,
): number | undefined {
  const pixels = width * height;
  const areas = Array.from(
    { length: depth },
    (_, z) =>
      voxels.subarray(z * pixels, (z + 1) * pixels)
        .reduce((count, one) => count + (one === label ? 1 : 0), 0),
  );
  const most = Math.max(...areas);
  if (most === 0) return undefined;
  const z = areas.indexOf(most);
  const slice = voxels.subarray(z * pixels, (z + 1) * pixels);
  // A border of one pixel: what touches the edge of the slice ends there.
  const [columns, rows] = [width + 2, height + 2];
  const outside = new Uint8Array(columns * rows).fill(1);
  slice.forEach((one, i) => {
    if (one === label) outside[(Math.floor(i / width) + 1) * columns + i % width + 1] = 0;
  });
  const [x, y] = spacing;
  const distances = distanceTransform(outside, { shape: [columns, rows], spacing: [x, y] });
  // From the middle of a pixel to the middle of the first one outside.
  const deepest = distances.reduce((deepest, distance) => Math.max(deepest, distance), 0);
  return Math.max(2 * deepest - Math.max(x, y), Math.min(x, y));
}
