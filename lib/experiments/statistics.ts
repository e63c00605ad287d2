/**
 * Tests of significance.
 *
 * @module
 */

/** The outcome of a Wilcoxon signed-rank test. */
export interface WilcoxonTest {
  /** The smaller of the two rank sums. */
  statistic: number;
  /** Two-sided p-value in (0, 1]; 1 when all differences are zero. */
  p: number;
  /** The number of differences other than zero. */
  n: number;
  /** How p was found: the exact distribution, or the normal approximation. */
  method: "exact" | "normal";
}

/**
 * Two-sided Wilcoxon signed-rank test of paired samples, for instance the Dice of two methods on
 * the same test patients. Zero differences are dropped (Wilcoxon, 1945). The distribution is exact
 * for up to 25 differences without ties; otherwise normal, corrected for ties and continuity.
 *
 * @throws {RangeError} If the samples differ in length or hold a value that is not finite.
 */
export function wilcoxonSignedRank(a: readonly number[], b: readonly number[]): WilcoxonTest {
  if (a.length !== b.length) {
    throw new RangeError(`Expected paired samples, found ${a.length} and ${b.length} values`);
  }
  const differences = a.map((value, i) => value - b[i]);
  if (!differences.every(Number.isFinite)) {
    throw new RangeError("Expected finite values in the paired samples, found NaN or Infinity");
  }
  const { ranks, ties } = signedRanks(differences.filter((difference) => difference !== 0));
  const n = ranks.length;
  const total = n * (n + 1) / 2;
  const positive = ranks.reduce((sum, rank) => rank > 0 ? sum + rank : sum, 0);
  const statistic = Math.min(positive, total - positive);
  const exact = n <= 25 && ties.length === 0;
  const p = exact ? exactP(statistic, n) : normalP(statistic, n, ties);
  return { statistic, p, n, method: exact ? "exact" : "normal" };
}

/**
 * p-values corrected for being several, so that the chance of any false finding among them stays that
 * of one test (Holm, Scandinavian Journal of Statistics 6, 1979).
 *
 * @param ps p-values of any order.
 * @returns the corrected ones, each in the place of its own; at most 1.
 */
export function holmAdjusted(ps: readonly number[]): number[] {
  const adjusted = new Array<number>(ps.length);
  const ranked = [...ps.keys()].sort((i, j) => ps[i] - ps[j]);
  let least = 0;
  ranked.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, (ps.length - rank) * ps[i]));
    adjusted[i] = least;
  });
  return adjusted;
}

/** Ranks of magnitude with the sign of the difference; equal magnitudes share their mean rank. */
function signedRanks(differences: readonly number[]): { ranks: number[]; ties: number[] } {
  const sorted = differences.toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const ranks: number[] = [];
  const ties: number[] = [];
  for (let first = 0, end = 0; first < sorted.length; first = end) {
    while (end < sorted.length && Math.abs(sorted[end]) === Math.abs(sorted[first])) end++;
    if (end - first > 1) ties.push(end - first);
    for (let i = first; i < end; i++) ranks.push(Math.sign(sorted[i]) * (first + end + 1) / 2);
  }
  return { ranks, ties };
}

/** Counts the sign patterns whose rank sum is at most the statistic, out of 2ⁿ. */
function exactP(statistic: number, n: number): number {
  const patterns = new Float64Array(n * (n + 1) / 2 + 1);
  patterns[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = patterns.length - 1; sum >= rank; sum--) patterns[sum] += patterns[sum - rank];
  }
  const tail = patterns.subarray(0, statistic + 1).reduce((count, value) => count + value, 0);
  return Math.min(1, 2 * tail / 2 ** n);
}

function normalP(statistic: number, n: number, ties: readonly number[]): number {
  const expected = n * (n + 1) / 4;
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = n * (n + 1) * (2 * n + 1) / 24 - tied / 48;
  const z = Math.max(0, expected - statistic - 0.5) / Math.sqrt(variance);
  return Math.min(1, erfc(z / Math.SQRT2));
}

/** Complementary error function of x ≥ 0, to 1.2e-7 relative (Press et al., Numerical Recipes, 6.2). */
function erfc(x: number): number {
  const t = 2 / (2 + x);
  const coefficients = [
    -1.26551223,
    1.00002368,
    0.37409196,
    0.09678418,
    -0.18628806,
    0.27886807,
    -1.13520398,
    1.48851587,
    -0.82215223,
    0.17087277,
  ];
  const polynomial = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient);
  return t * Math.exp(polynomial - x * x);
}
