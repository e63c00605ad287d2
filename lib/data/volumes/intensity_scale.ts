/**
 * From a scan's intensities to [0, 1].
 *
 * @module
 */
import type { DataSettings } from "../../config/data_settings.ts";
import { valueAtRank } from "../../math/descriptive.ts";
import type { Voxels } from "./volume.ts";

/** The percentiles of a scan's intensities that become 0 and 1. */
export const PERCENTILES: readonly [number, number] = [1, 99];

/** The lowest intensity is padding or constant background where more of the voxels than this have it. */
const BACKGROUND_SHARE = 0.05;

/** Any other intensity is constant background where more of the voxels than this have it. */
const DOMINANT_SHARE = 0.5;

/** Beyond this, values stand for "no value": -3.4e38 is the lowest float32. */
const HUGE = 1e38;

/** The lowest 16-bit integer stands for "no value" too. */
const LOWEST_INT16 = -(2 ** 15);

/** A line that maps intensities to [0, 1]: `low` and below to 0, `high` and above to 1. */
export interface IntensityScale {
  /** What becomes 0. */
  low: number;
  /** What becomes 1; where it is not above `low`, everything becomes 0. */
  high: number;
}

/**
 * The scale of a scan by percentiles of what is no padding: values that stand for none (NaN, infinity,
 * ±3.4e38, the lowest 16-bit integer) are left out, and so is the lowest intensity where more than
 * 5 % of the voxels have it, or any that more than half have.
 */
export function percentileScale(
  voxels: Voxels,
  [lower, upper]: readonly [number, number] = PERCENTILES,
): IntensityScale {
  const sorted = valuesOf(voxels).sort();
  const lowest = upTo(sorted, sorted[0]);
  const background = lowest > 1 && lowest > BACKGROUND_SHARE * sorted.length;
  const shown = background ? sorted.subarray(lowest) : sorted;
  const values = withoutDominant(shown, sorted.length);
  const ranks = [lower, upper].map((percent) => (values.length - 1) * percent / 100);
  const [low, high] = ranks.map((rank) => valueAtRank(values, rank));
  if (high > low) return { low, high };
  // What is left is constant: the scan has two values, or one.
  return { low: sorted[0] ?? 0, high: sorted[sorted.length - 1] ?? 0 };
}

/** The scale that a window sets, or, by percentiles, the voxels. */
export function scaleOf(voxels: Voxels, window: DataSettings["window"]): IntensityScale {
  return window === "percentiles" ? percentileScale(voxels) : { low: window[0], high: window[1] };
}

/** An intensity on a scale; 0 where it is not finite. */
export function scaled(value: number, { low, high }: IntensityScale): number {
  if (!(high > low && value > low && value < HUGE)) return 0;
  return Math.min(1, (value - low) / (high - low));
}

/** A copy of the voxels that have a value. */
function valuesOf(voxels: Voxels): Voxels {
  const real = voxels instanceof Float32Array || voxels instanceof Float64Array;
  if (real || voxels instanceof Int16Array) {
    const hasValue = (value: number) => Math.abs(value) < HUGE && value !== LOWEST_INT16;
    if (!voxels.every(hasValue)) return voxels.filter(hasValue);
  }
  return voxels.slice();
}

/** Sorted values without the one that more than half of all voxels have. */
function withoutDominant(sorted: Voxels, total: number): Voxels {
  const middle = sorted[sorted.length >> 1];
  const [first, end] = [below(sorted, middle), upTo(sorted, middle)];
  if (end - first <= DOMINANT_SHARE * total || end - first === sorted.length) return sorted;
  return sorted.filter((_, i) => i < first || i >= end);
}

/** How many of some sorted values lie below a value. */
function below(sorted: Voxels, value: number): number {
  return count(sorted, (one) => one < value);
}

/** How many lie below it, or are equal to it. */
function upTo(sorted: Voxels, value: number): number {
  return count(sorted, (one) => one <= value);
}

/** How many of some sorted values pass a test that the first ones pass, by bisection. */
function count(sorted: Voxels, passes: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
