/**
 * What may spoil results without stopping anything, scan by scan and for a whole cohort.
 *
 * @module
 */
import type { DataSettings } from "../../../config/data_settings.ts";
import { CONTRADICTION } from "../../formats/nifti/geometry.ts";
import { scaled, scaleOf } from "../../volumes/intensity_scale.ts";
import { IGNORED } from "../../masks/labels.ts";
import { outlineWarning } from "../../masks/outlines.ts";
import { sampleVoxels } from "../../volumes/sample_voxels.ts";
import type { Voxels } from "../../volumes/volume.ts";
import type { LoadedScan } from "../read_scan.ts";
import { isSilent } from "../../volumes/voxel_order.ts";

/** A number that counts or measures; that of a field, as in pixdim[1], does not. */
const AMOUNT = /(?<![\w.[])-?\d+(\.\d+)?(e[+-]\d+)?\b/g;

/** Voxels that a scan's scale is told from. */
const SAMPLE = 1000;

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
  const line = scaleOf(sampleVoxels(voxels, SAMPLE), window);
  let [low, high] = [1, 0];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0 || labels[i] === IGNORED) continue;
    const value = scaled(voxels[i], line);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
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
