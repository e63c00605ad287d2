import assert from "node:assert/strict";
import fc from "fast-check";
import { axisTaps, mapIndex, resamplePlane } from "../../../lib/data/slices/resample.ts";

const axis = fc.record({
  size: fc.integer({ min: 1, max: 300 }),
  spacing: fc.double({ min: 0.2, max: 5, noNaN: true }),
  centre: fc.double({ min: -50, max: 50, noNaN: true }),
}, { requiredKeys: ["size", "spacing"] });

Deno.test("mapIndex() forward and back is the same pixel", () => {
  fc.assert(fc.property(axis, axis, fc.nat(300), (from, to, index) => {
    const back = mapIndex(mapIndex(index, from, to), to, from);
    assert.ok(Math.abs(back - index) < 1e-9, `${index} came back as ${back}`);
  }));
});

Deno.test("mapIndex() maps the centre to the centre and keeps millimetres", () => {
  const from = { size: 5, spacing: 2 };
  const to = { size: 8, spacing: 0.5 };
  assert.equal(mapIndex(2, from, to), 3.5);
  assert.equal(mapIndex(3, from, to), 3.5 + 2 / 0.5);
  assert.equal(mapIndex(2, from, { ...to, centre: 3 }), 3.5 - 3 / 0.5);
});

Deno.test("axisTaps() shares sum to 1 inside the source and are none outside", () => {
  fc.assert(fc.property(axis, axis, (from, to) => {
    axisTaps(from, to).forEach(({ first, weights }, target) => {
      const position = mapIndex(target, to, from);
      if (position < -0.5 || position > from.size - 0.5) return assert.equal(weights.length, 0);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      assert.ok(Math.abs(sum - 1) < 1e-12);
      assert.ok(weights.every((weight) => weight >= 0));
      assert.ok(first >= 0 && first + weights.length <= from.size);
    });
  }));
});

Deno.test("axisTaps() interpolates linearly on a finer grid", () => {
  const taps = axisTaps({ size: 3, spacing: 2 }, { size: 5, spacing: 1 });
  assert.deepEqual(taps[1], { first: 0, weights: [0.5, 0.5] });
  assert.deepEqual(taps[2], { first: 1, weights: [1] });
});

Deno.test("resamplePlane() averages stripes away on a coarser grid instead of aliasing", () => {
  const fine = { size: 64, spacing: 1 };
  const coarse = { size: 16, spacing: 4 };
  // One pixel of four, none beside the middle of a coarse pixel.
  const stripes = Float32Array.from({ length: 64 * 64 }, (_, i) => i % 4 ? 0 : 1);
  const taps = { rows: axisTaps(fine, coarse), columns: axisTaps(fine, coarse) };
  const plane = resamplePlane(stripes, { height: 64, width: 64, channels: 1 }, taps);
  for (const value of plane) assert.ok(Math.abs(value - 0.25) < 0.1, `found ${value}`);
});

Deno.test("resamplePlane() keeps channels and axes apart", () => {
  const plane = Float32Array.from({ length: 2 * 3 * 2 }, (_, i) => i);
  const same = (size: number) => axisTaps({ size, spacing: 1 }, { size, spacing: 1 });
  const shape = { height: 2, width: 3, channels: 2 };
  assert.deepEqual(resamplePlane(plane, shape, { rows: same(2), columns: same(3) }), plane);
});
