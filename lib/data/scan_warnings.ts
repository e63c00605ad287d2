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

/** A sentence where slices between outlined ones have no outline, or all slices but one. */
export function outlineWarning(
  { voxels, shape: [width, height, depth] }: NonNullable<LoadedScan["mask"]>,
): string[] {
  const pixels = width * height;
  const outlined = Array.from({ length: depth }, (_, slice) => slice).filter((slice) =>
    voxels.subarray(slice * pixels, (slice + 1) * pixels)
      .some((label) => label !== 0 && label !== IGNORED)
  );
  if (outlined.length === 0) return [];
  const between = outlined.at(-1)! - outlined[0] + 1 - outlined.length;
  const left = depth - outlined.length;
  const ignored = voxels.includes(IGNORED);
  if (ignored || (between === 0 && (outlined.length > 1 || left < 2))) return [];
  const which = between > 0
    ? `${between} of ${depth} slices have no outline, though they lie between outlined ones`
    : `${left} of ${depth} slices have no outline`;
  return [
    `${which}: they count as background; if nobody outlined them, leave them out ` +
    "(data.unlabelledSlices=leave-out).",
  ];
}

/** Each sentence once, with the first of the scans that it concerns, and how many more there are. */
export function cohortWarnings(
  scans: readonly { image: string; warnings: readonly string[] }[],
): string[] {
  const concerned = Map.groupBy(
    scans.flatMap(({ warnings, image }) => warnings.map((warning) => ({ warning, image }))),
    ({ warning }) => warning,
  );
  return [...concerned].map(([warning, of]) => {
    const [first, ...others] = new Set(of.map(({ image }) => image));
    return `${warning} (${first}${others.length > 0 ? ` and ${others.length} more` : ""})`;
  });
}
