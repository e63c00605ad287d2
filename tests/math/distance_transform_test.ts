import fc from "fast-check";
import assert from "node:assert/strict";
import { distanceTransform, type Grid } from "../../lib/math/distance_transform.ts";

function bruteForce(mask: Uint8Array, { shape, spacing }: Grid): number[] {
  const position = (i: number) => [
    (i % shape[0]) * spacing[0],
    (Math.floor(i / shape[0]) % shape[1]) * spacing[1],
    Math.floor(i / (shape[0] * shape[1])) * spacing[2],
  ];
  const set = [...mask.keys()].filter((i) => mask[i]).map(position);
  return Array.from(mask, (_, i) => {
    const from = position(i);
    return Math.min(...set.map((to) => Math.hypot(...to.map((value, axis) => value - from[axis]))));
  });
}

const grids = fc.record({
  shape: fc.tuple(...[6, 5, 4].map((max) => fc.integer({ min: 1, max }))),
  spacing: fc.tuple(...[0.5, 1, 3].map((min) => fc.double({ min, max: 10, noNaN: true }))),
});

Deno.test("distanceTransform() equals the distance to the nearest of all set voxels", () => {
  const cases = grids.chain((grid) => {
    const length = grid.shape.reduce((product, size) => product * size);
    // Mostly unset, so that whole lines and whole masks are empty too.
    const voxel = fc.integer({ min: 0, max: 8 }).map((value) => value === 0 ? 1 : 0);
    const mask = fc.array(voxel, { minLength: length, maxLength: length });
    return mask.map((values) => ({ grid, mask: Uint8Array.from(values) }));
  });
  fc.assert(fc.property(cases, ({ grid, mask }) => {
    const expected = bruteForce(mask, grid);
    distanceTransform(mask, grid).forEach((distance, i) => {
      const close = distance === expected[i] || Math.abs(distance - expected[i]) < 1e-9;
      assert.ok(close, `voxel ${i}: expected ${expected[i]}, found ${distance}`);
    });
  }));
});

Deno.test("distanceTransform() is infinite where nothing is set", () => {
  const distances = distanceTransform(new Uint8Array(8), { shape: [2, 2, 2], spacing: [1, 1, 1] });
  assert.deepEqual([...distances], new Array(8).fill(Infinity));
});
