/**
 * The bootstrap over a sweep's seeds and test patients: seeds and patients are drawn anew together, for
 * another labelled patient and another test patient could both have turned the outcome.
 *
 * @module
 */
import { random } from "../math/random.ts";

/** Resamples, of which the tails of an interval are counted. */
const RESAMPLES = 4000;

/** What is drawn from. */
export interface SampleSize {
  /** Number of seeds. */
  seeds: number;
  /** Number of test patients. */
  patients: number;
}

/**
 * A statistic of every resample, ascending.
 *
 * @param statistic Of positions of seeds and of test patients, as many as there are, with repetition.
 */
export function resampled(
  { seeds, patients }: SampleSize,
  statistic: (seeds: readonly number[], patients: readonly number[]) => number,
): number[] {
  const source = random("difference interval", seeds, patients);
  const drawn = (count: number) => Array.from({ length: count }, () => source.integer(count));
  return Array.from({ length: RESAMPLES }, () => {
    const tested = drawn(patients);
    return statistic(drawn(seeds), tested);
  }).sort((a, b) => a - b);
}
