/**
 * What may spoil results without stopping anything, scan by scan and for a whole cohort.
 *
 * @module
 */
import type { DataSettings } from "../config/data_settings.ts";
import { CONTRADICTION } from "./formats/nifti/geometry.ts";
import { percentileScale, scaled } from "./intensity_scale.ts";
import { IGNORED } from "./labels.ts";
import type { Voxels } from "./volume.ts";
import type { LoadedScan } from "./read_scan.ts";
import { isSilent } from "./voxel_order.ts";

/** A number that counts or measures; that of a field, as in pixdim[1], does not. */
const AMOUNT = /(?<![\w.[])-?\d+(\.\d+)?(e[+-]\d+)?\b/g;

/** Planes from which an outline of one voxel's thickness was drawn, and is no small thing. */
const WIDE = 4;

/** Voxels that a scan's scale is told from. */
const SAMPLE = 4000;

/** Less of [0, 1] than this within the labelled part leaves a network little to see. */
const LEAST_RANGE = 1 / 20;

/**
 * What is odd about a scan, one sentence each: what its files warn of, no contrast where it is
 * labelled, and outlines that leave slices out.
 */
export function scanWarnings(
  { channels, mask }: LoadedScan,
  window?: DataSettings["window"],
): string[] {
  const read = [...channels, ...mask ? [mask] : []].flatMap(({ warnings }) => warnings);
  // Nothing follows from an affine that is not used: check-data tells of it.
  const told = isSilent(channels[0]) ? read.filter((warning) => warning !== CONTRADICTION) : read;
  return [...new Set([...told, ...maskWarnings({ channels, mask }, window)])];
}

/** What is odd about a scan where its mask is laid over it, one sentence each. */
export function maskWarnings(
  { channels, mask }: LoadedScan,
  window: DataSettings["window"] = "percentiles",
): string[] {
  if (!mask) return [];
  const ranges = channels.map(({ voxels }) => labelledRange(voxels, mask.voxels, window));
  // Without a label there is no range.
  const blank = ranges.every((range) => range >= 0 && range < LEAST_RANGE);
  const contrast =
    "Almost nothing of the intensities is left where the scan is labelled; choose a " +
    "window of intensities (data.window).";
  return [...blank ? [contrast] : [], ...outlineWarning(mask)];
}

/** How much of [0, 1] the labelled voxels cover once they are scaled; below 0 where there are none. */
function labelledRange(
  voxels: Voxels,
  labels: Uint8Array,
  window: DataSettings["window"],
): number {
  const line = window === "percentiles"
    ? percentileScale(sampleOf(voxels))
    : { low: window[0], high: window[1] };
  let [low, high] = [1, 0];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0 || labels[i] === IGNORED) continue;
    const value = scaled(voxels[i], line);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

/** Some of the voxels, evenly apart: enough to tell their scale roughly, and quickly sorted. */
function sampleOf(voxels: Voxels): Voxels {
  const step = Math.ceil(voxels.length / SAMPLE);
  const sample = voxels.slice(0, Math.ceil(voxels.length / step));
  for (let i = 0; i < sample.length; i++) sample[i] = voxels[i * step];
  return sample;
}

/**
 * A sentence where slices between outlined ones have no outline, or all slices but one, or where
 * outlines were drawn across the slices.
 */
function outlineWarning({ voxels, shape }: NonNullable<LoadedScan["mask"]>): string[] {
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
