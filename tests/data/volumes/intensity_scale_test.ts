import assert from "node:assert/strict";
import { percentileScale, scaled } from "../../../lib/data/volumes/intensity_scale.ts";
import { random } from "../../../lib/math/random.ts";

/** Values about 500, among which others stand. */
function withOthers(share: number, other: number): Float32Array {
  const source = random("scale", share, other);
  return Float32Array.from(
    { length: 10_000 },
    (_, i) => i < share * 10_000 ? other : source.uniform(400, 600),
  );
}

/** What becomes 0 and 1, to the nearest 50. */
const rounded = (voxels: Parameters<typeof percentileScale>[0]) => {
  const { low, high } = percentileScale(voxels);
  return [low, high].map((value) => 50 * Math.round(value / 50));
};

Deno.test("percentileScale() is by the first and the last percentile", () => {
  const voxels = Int16Array.from({ length: 1001 }, (_, i) => 8 * i % 1001);
  assert.deepEqual(percentileScale(voxels), { low: 10, high: 990 });
});

Deno.test("percentileScale() leaves constant background out, of 6 % or of 99 %", () => {
  for (const share of [0.06, 0.5, 0.99]) {
    assert.deepEqual(rounded(withOthers(share, 0)), [400, 600], `${share}`);
    assert.deepEqual(rounded(withOthers(share, -1000)), [400, 600], `${share}`);
  }
  assert.deepEqual(rounded(withOthers(0.04, 0)), [0, 600], "few voxels are no background");
});

Deno.test("percentileScale() leaves out a background that is not the lowest value", () => {
  const voxels = withOthers(0.99, 0).map((value) => value && value - 500);
  assert.deepEqual(rounded(voxels), [-100, 100]);
});

Deno.test("percentileScale() leaves values that stand for none out, however few", () => {
  for (const none of [NaN, -3.4e38, -Infinity, Infinity, -32768]) {
    assert.deepEqual(rounded(withOthers(0.02, none)), [400, 600], `${none}`);
  }
});

Deno.test("percentileScale() keeps the contrast of two values, and gives a constant none", () => {
  const two = Uint8Array.from({ length: 100 }, (_, i) => i % 4 ? 0 : 7);
  assert.deepEqual(percentileScale(two), { low: 0, high: 7 });
  const constant = percentileScale(new Float32Array(50).fill(3));
  assert.equal(scaled(3, constant), 0);
  assert.equal(scaled(1, percentileScale(new Float32Array(4).fill(NaN))), 0);
});

Deno.test("scaled() clips, and makes what is not finite 0", () => {
  const line = { low: 10, high: 20 };
  assert.deepEqual([0, 10, 15, 20, 99].map((value) => scaled(value, line)), [0, 0, 0.5, 1, 1]);
  assert.deepEqual([NaN, Infinity, -Infinity].map((value) => scaled(value, line)), [0, 0, 0]);
});
