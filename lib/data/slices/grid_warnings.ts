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

/** Pixels this many times as large as the scans' own, or as small, are worth a warning. */
const [TOO_COARSE, TOO_FINE] = [4, 1 / 3];

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
  const suitable = Number(Math.max(width / size, finestSpacing(scans)).toPrecision(2));
  return [
    `the scans are ${Math.round(width)} mm wide, the grid ${Math.round(size * spacing)} mm ` +
    `(${described(grid)}), so that structures are a few pixels small; grid.spacing=` +
    `${suitable} suits them better`,
  ];
}

/**
 * The same of a grid that is a pretraining's and cannot be chosen any more; and a line where it shows
 * the scans much coarser or finer than they are, so that they look like none that it was trained on.
 */
export function pretrainedGridWarning(scans: readonly CohortScan[], grid: SliceGrid): string[] {
  const anew = "the grid is the pretraining's: pretrain anew, on these scans";
  const wide = wideGridWarning(scans, grid);
  if (wide.length > 0) return wide.map((line) => `${line}, but ${anew}`);
  const finest = finestSpacing(scans);
  const ratio = grid.spacing / finest;
  if (ratio <= TOO_COARSE && ratio >= TOO_FINE) return [];
  const found = Number(finest.toPrecision(2));
  return [
    `the scans have pixels of ${found} mm, the grid ${described(grid)}, far ` +
    `${ratio > 1 ? "coarser" : "finer"}; ${anew}`,
  ];
}

function finestSpacing(scans: readonly CohortScan[]): number {
  return median(scans.map(({ slices }) => Math.min(...slices.original.spacing)));
}

function described({ size, spacing }: SliceGrid): string {
  return `${size} × ${size} pixels of ${spacing} mm`;
}
