/**
 * What may spoil results without stopping anything, scan by scan and for a whole cohort.
 *
 * @module
 */
import { CONTRADICTION } from "./formats/nifti/geometry.ts";
import { IGNORED } from "./labels.ts";
import type { PreparedVolume } from "./preprocess.ts";
import type { LoadedScan } from "./read_scan.ts";
import { isSilent } from "./voxel_order.ts";

/** A number that counts or measures; that of a field, as in pixdim[1], does not. */
const AMOUNT = /(?<![\w.[])-?\d+(\.\d+)?(e[+-]\d+)?\b/g;

/** Planes from which an outline of one voxel's thickness was drawn, and is no small thing. */
const WIDE = 4;

/** Less of [0, 1] than this within the labelled part leaves a network little to see. */
const LEAST_RANGE = 1 / 20;

/**
 * What is odd about a scan, one sentence each: what its files warn of, no contrast where it is
 * labelled, and outlines that leave slices out.
 */
export function scanWarnings({ channels, mask }: LoadedScan, slices: PreparedVolume): string[] {
  const read = [...channels, ...mask ? [mask] : []].flatMap(({ warnings }) => warnings);
  // Nothing follows from an affine that is not used: check-data tells of it.
  const told = isSilent(channels[0]) ? read.filter((warning) => warning !== CONTRADICTION) : read;
  return [...new Set([...told, ...contrastWarning(slices), ...mask ? outlineWarning(mask) : []])];
}

/** A sentence where the labelled part of a scan keeps almost nothing of the range in any channel. */
function contrastWarning({ images, labels, channels }: PreparedVolume): string[] {
  if (!labels) return [];
  const ranges = Array.from({ length: channels }, (_, channel) => {
    let [low, high] = [1, 0];
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] === 0 || labels[i] === IGNORED) continue;
      const value = images[i * channels + channel];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return high - low;
  });
  // Without a label there is no range: high lies below low.
  if (!ranges.every((range) => range >= 0 && range < LEAST_RANGE)) return [];
  return [
    "Almost nothing of the intensities is left where the scan is labelled; choose a window of " +
    "intensities (data.window).",
  ];
}

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
function outlinedPlanes(voxels: Uint8Array, shape: readonly number[]): number[][] {
  const [width, height, depth] = shape;
  const found = [width, height, depth].map((length) => new Uint8Array(length));
  for (let i = 0; i < voxels.length; i++) {
    if (voxels[i] === 0 || voxels[i] === IGNORED) continue;
    const row = Math.floor(i / width);
    found[0][i % width] = found[1][row % height] = found[2][Math.floor(row / height)] = 1;
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

/**
 * Each sentence once, with the first of the scans that it concerns, and how many more there are.
 * Sentences that differ in their numbers alone are one.
 */
export function cohortWarnings(
  scans: readonly { image: string; warnings: readonly string[] }[],
): string[] {
  const concerned = Map.groupBy(
    scans.flatMap(({ warnings, image }) => warnings.map((warning) => ({ warning, image }))),
    ({ warning }) => warning.replaceAll(AMOUNT, "#"),
  );
  return [...concerned.values()].map((of) => {
    const [{ warning }] = of;
    const [first, ...others] = new Set(of.map(({ image }) => image));
    const alike = of.some((other) => other.warning !== warning) ? " alike" : "";
    return `${warning} (${first}${others.length > 0 ? ` and ${others.length} more${alike}` : ""})`;
  });
}
