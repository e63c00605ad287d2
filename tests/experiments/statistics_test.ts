import assert from "node:assert/strict";
import { holmAdjusted, wilcoxonSignedRank } from "../../lib/experiments/statistics.ts";

// References: scipy 1.10.1, scipy.stats.wilcoxon on the non-zero differences, mode="exact" and
// mode="approx" with correction=True.

Deno.test("wilcoxonSignedRank() is exact for few differences without ties", () => {
  const few = wilcoxonSignedRank(
    [0.91, 0.84, 0.78, 0.88, 0.69, 0.93, 0.80],
    [0.85, 0.86, 0.61, 0.79, 0.56, 0.90, 0.69],
  );
  assert.deepEqual(few, { statistic: 1, p: 0.03125, n: 7, method: "exact" });
  // deno-fmt-ignore
  const more = wilcoxonSignedRank(
    [0.7791, 0.9327, 0.6505, 0.932, 0.7091, 0.7482, 0.8897, 0.7432, 0.7924, 0.6096, 0.8637,
      0.7884, 0.7154, 0.876, 0.7061, 0.7587],
    [0.7467, 0.9202, 0.6674, 0.9174, 0.6786, 0.7347, 0.7821, 0.6528, 0.9251, 0.6929, 0.8442,
      0.7837, 0.6726, 0.833, 0.549, 0.7954],
  );
  assert.deepEqual(more, { statistic: 41, p: 0.17535400390625, n: 16, method: "exact" });
});

Deno.test("wilcoxonSignedRank() corrects the normal approximation for ties, and drops zeros", () => {
  const test = wilcoxonSignedRank([3, 5, 8, 1, 9, 4, 7, 6, 2, 5], [1, 5, 6, 2, 5, 1, 8, 3, 2, 7]);
  assert.deepEqual({ ...test, p: 0 }, { statistic: 7, p: 0, n: 8, method: "normal" });
  assert.ok(Math.abs(test.p - 0.13854641509892002) < 1e-7, `${test.p}`);
});

Deno.test("wilcoxonSignedRank() approximates for many differences", () => {
  // deno-fmt-ignore
  const test = wilcoxonSignedRank(
    [0.8, 0.7127, 0.808, 0.7183, 0.7371, 0.9116, 0.6795, 0.8181, 0.6294, 0.8914, 0.8755, 0.6838,
      0.9068, 0.6205, 0.7176, 0.6526, 0.7576, 0.8787, 0.6807, 0.6182, 0.7416, 0.6695, 0.6318,
      0.8031, 0.7045, 0.8352, 0.6698, 0.9297, 0.7278, 0.6369],
    [0.7674, 0.6485, 0.7278, 0.7192, 0.616, 0.9476, 0.6826, 0.7413, 0.5969, 0.7613, 0.8361, 0.6855,
      0.8957, 0.6451, 0.7515, 0.5911, 0.6985, 0.784, 0.6884, 0.5037, 0.726, 0.5608, 0.6234,
      0.8099, 0.662, 0.7536, 0.6317, 0.929, 0.7649, 0.677],
  );
  assert.deepEqual({ ...test, p: 0 }, { statistic: 90, p: 0, n: 30, method: "normal" });
  assert.ok(Math.abs(test.p - 0.0034924125632797014) < 1e-8, `${test.p}`);
});

Deno.test("wilcoxonSignedRank() does not depend on which sample comes first", () => {
  const a = [1, 2, 3, 4, 5.5];
  const b = [0, 4, 0, 0, 0];
  assert.deepEqual(wilcoxonSignedRank(a, b), wilcoxonSignedRank(b, a));
});

Deno.test("wilcoxonSignedRank() finds nothing where nothing differs", () => {
  assert.equal(wilcoxonSignedRank([1, 2], [1, 2]).p, 1);
  assert.equal(wilcoxonSignedRank([], []).p, 1);
});

Deno.test("wilcoxonSignedRank() rejects unpaired and missing values", () => {
  assert.throws(
    () => wilcoxonSignedRank([1, 2], [1]),
    new RangeError("Expected paired samples, found 2 and 1 values"),
  );
  assert.throws(() => wilcoxonSignedRank([1, NaN], [1, 2]), RangeError);
});

// By hand: 5 × 0.005, 4 × 0.01, 3 × 0.03, then 2 × 0.04, which may not be less, and 0.5.
Deno.test("holmAdjusted() corrects each p for those that are no smaller", () => {
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005, 0.5]);
  [0.04, 0.09, 0.09, 0.025, 0.5].forEach((expected, i) =>
    assert.ok(Math.abs(adjusted[i] - expected) < 1e-12, `${adjusted[i]}`)
  );
  assert.deepEqual(holmAdjusted([0.9, 0.8]), [1, 1]);
  assert.deepEqual(holmAdjusted([]), []);
});
