import assert from "node:assert/strict";
import { mean, median, percentile, standardDeviation } from "../../lib/math/descriptive.ts";

Deno.test("mean() averages, and has no value without values", () => {
  assert.equal(mean([1, 2, 6]), 3);
  assert.ok(Number.isNaN(mean([])));
});

Deno.test("standardDeviation() divides by n − 1, and is 0 for a single value", () => {
  assert.equal(standardDeviation([1, 2, 6]), Math.sqrt(7));
  assert.equal(standardDeviation([0.3]), 0);
});

Deno.test("percentile() interpolates linearly between ranks", () => {
  assert.equal(percentile([1, 2, 4], 0.5), 2);
  assert.equal(percentile([1, 2, 4], 0.75), 3);
  assert.equal(percentile([1, 2, 4], 1), 4);
  assert.equal(percentile([7], 0.95), 7);
});

Deno.test("median() is the middle value, the greater of two", () => {
  assert.equal(median([9, 1, 4]), 4);
  assert.equal(median([10, 2, 9, 3]), 9);
});
