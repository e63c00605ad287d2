import assert from "node:assert/strict";
import fc from "fast-check";
import { kMeans } from "../../lib/math/k_means.ts";

/** The least spread of any way to put points on a line into clusters, each of which is an interval. */
function leastSpread(points: readonly number[], clusters: number): number {
  if (points.length === 0) return 0;
  if (clusters === 0) return Infinity;
  const sorted = points.toSorted((a, b) => a - b);
  return Math.min(
    ...sorted.map((_, first) => {
      const last = sorted.slice(first);
      const mean = last.reduce((sum, x) => sum + x, 0) / last.length;
      const spread = last.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      return spread + leastSpread(sorted.slice(0, first), clusters - 1);
    }),
  );
}

Deno.test("kMeans() is as good as the best clusters of few points on a line", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 3, maxLength: 7 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(),
      (xs, clusters, seed) => {
        const { spread, members, centres } = kMeans(xs.map((x) => [x]), { clusters, seed });
        const best = leastSpread(xs, clusters);
        assert.ok(spread <= 1.05 * best + 1e-9, `${spread} where ${best} is possible`);
        members.forEach((cluster, i) => {
          const distances = centres.map((centre) => Math.abs(xs[i] - centre[0]));
          assert.equal(distances[cluster], Math.min(...distances));
        });
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});

Deno.test("kMeans() is the same for a seed, and bears equal points", () => {
  const points = Array.from({ length: 30 }, (_, i) => [i % 7, (i * i) % 11]);
  const options = { clusters: 4, seed: 3 };
  assert.deepEqual(kMeans(points, options), kMeans(points, options));
  assert.equal(kMeans([[2], [2], [2]], { clusters: 2, seed: 0 }).spread, 0);
});

Deno.test("kMeans() refuses a number of clusters that cannot be", () => {
  for (const clusters of [0, 4, 1.5]) {
    assert.throws(() => kMeans([[1], [2], [3]], { clusters, seed: 0 }), RangeError);
  }
});
