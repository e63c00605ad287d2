/**
 * Descriptive statistics of plain numbers.
 *
 * @module
 */

/** The arithmetic mean; NaN of no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The arithmetic mean of the values that there are; null where there is none. */
export function meanOfKnown(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? mean(known) : null;
}

/** The sample standard deviation (divisor n − 1); 0 of a single value, NaN of none. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length === 1) return 0;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** The middle one of the values; of two middle ones the greater. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/**
 * The value below which a share of the sorted values lies, interpolated linearly between the two
 * nearest ranks (numpy's default; definition 7 of Hyndman & Fan, 1996).
 *
 * @param sorted At least one value, ascending.
 * @param share In [0, 1], for instance 0.95.
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return valueAtRank(sorted, share * (sorted.length - 1));
}

/**
 * The value at a rank from 0 on, interpolated linearly between the two nearest.
 *
 * @param sorted At least one value, ascending.
 */
export function valueAtRank(sorted: ArrayLike<number>, rank: number): number {
  const below = Math.floor(rank);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
}
