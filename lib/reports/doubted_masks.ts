/**
 * Which masks to look at first.
 *
 * @module
 */
import type { Structure } from "../data/datasets/dataset.ts";
import { percentile } from "../math/descriptive.ts";
import type { DoubtedMask, PredictedMask } from "./inputs/prediction_input.ts";
import { millilitres } from "./sections/cases_table.ts";

/** Scans from which a volume can be told to be unusual. */
const FEWEST = 5;
/** Modified z-scores from which it is (Iglewicz and Hoaglin, "How to detect and handle outliers", 1993). */
const FAR = 3.5;
/** What makes the median absolute deviation a standard deviation where volumes are normal. */
const NORMAL = 0.6745;
/** A deviation counts as this share of the median at least: volumes may be all but equal. */
const LEAST_SPREAD = 0.05;

/**
 * Masks with what speaks against them, in the order in which to look at them: first those in which
 * nothing was found or a volume lies far from the others', then the rest; in both, by doubt.
 */
export function doubtedMasks<T extends PredictedMask>(
  masks: readonly T[],
  structures: readonly Structure[],
): (T & DoubtedMask)[] {
  const usual = structures.map((_, at) => usualVolume(masks.map(({ volumes }) => volumes[at])));
  const doubted = masks.map((mask): T & DoubtedMask => {
    if (mask.volumes.every((volume) => volume === 0)) {
      return { ...mask, reasons: ["nothing was found"] };
    }
    const reasons = structures.flatMap(({ name }, at) => {
      const volume = mask.volumes[at];
      const { median, spread } = usual[at];
      if (masks.length < FEWEST || NORMAL * Math.abs(volume - median) <= FAR * spread) return [];
      return [`${name}: ${millilitres(volume)} ml, median ${millilitres(median)} ml`];
    });
    return { ...mask, reasons };
  });
  const suspect = ({ reasons }: DoubtedMask) => Math.sign(reasons.length);
  return doubted.sort((a, b) => suspect(b) - suspect(a) || (b.doubt ?? 1) - (a.doubt ?? 1));
}

/** The median of volumes, and their median absolute deviation from it. */
function usualVolume(volumes: readonly number[]): { median: number; spread: number } {
  const middle = (values: readonly number[]) => percentile(values.toSorted((a, b) => a - b), 0.5);
  const median = middle(volumes);
  const spread = middle(volumes.map((volume) => Math.abs(volume - median)));
  return { median, spread: Math.max(spread, LEAST_SPREAD * median) };
}
