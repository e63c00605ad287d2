/**
 * Whether a grid suits the scans that are put on it.
 *
 * @module
 */
import { median } from "../../math/descriptive.ts";
import { type CohortScan, labelledShare } from "./cohort.ts";
import type { SliceGrid } from "./preprocess.ts";

/** Less of a scan's labels than this within the grid is worth a warning. */
const ENOUGH = 0.75;

/** A grid this many times as wide as the scans is worth a warning. */
const TOO_WIDE = 1.5;

/** A line for each scan whose labels the grid cuts off: there is little to learn from it. */
export function cutLabelWarnings(scans: readonly CohortScan[], grid: SliceGrid): string[] {
  return scans.map((scan) => ({ scan, share: labelledShare(scan) }))
    .filter(({ share }) => share < ENOUGH)
    .map(({ scan, share }) =>
      `${scan.image}: ${Math.round(100 * share)} % of the labelled volume fits into ` +
      `${described(grid)}; choose other labelled patients or a larger grid`
    );
}

/**
 * A line where the grid is much wider than the scans, whose structures then are a few pixels small,
 * with a spacing that suits them.
 */
export function wideGridWarning(scans: readonly CohortScan[], grid: SliceGrid): string[] {
  const width = median(
    scans.map(({ slices: { original: { width, height, spacing: [x, y] } } }) =>
      Math.max(width * x, height * y)
    ),
  );
  const { size, spacing } = grid;
  if (!(size * spacing > TOO_WIDE * width)) return [];
  const finest = median(scans.map(({ slices }) => Math.min(...slices.original.spacing)));
  const suitable = Number(Math.max(width / size, finest).toPrecision(2));
  return [
    `the scans are ${Math.round(width)} mm wide, the grid ${Math.round(size * spacing)} mm ` +
    `(${described(grid)}), so that structures are a few pixels small; grid.spacing=` +
    `${suitable} suits them better`,
  ];
}

function described({ size, spacing }: SliceGrid): string {
  return `${size} × ${size} pixels of ${spacing} mm`;
}
