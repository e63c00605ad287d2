import assert from "node:assert/strict";
import fc from "fast-check";
import { scheduleFactor } from "../../lib/training/schedule.ts";

const factors = (schedule: "constant" | "cosine", steps: number, warmup: number) =>
  Array.from({ length: steps }, (_, i) => scheduleFactor(i + 1, { schedule, steps, warmup }));

Deno.test("scheduleFactor() is 1 throughout a constant schedule", () => {
  assert.deepEqual(factors("constant", 5, 0.4), [1, 1, 1, 1, 1]);
});

Deno.test("scheduleFactor() rises linearly to 1 over the warm-up, then follows the cosine", () => {
  const found = factors("cosine", 103, 4 / 103);
  assert.deepEqual(found.slice(0, 4), [0.25, 0.5, 0.75, 1]);
  found.slice(4).forEach((factor, i) => {
    assert.ok(Math.abs(factor - Math.cos(Math.PI * (i + 1) / 200) ** 2) < 1e-12);
  });
  assert.ok(found.at(-1)! < 1e-3);
});

Deno.test("scheduleFactor() stays within (0, 1] and falls after the warm-up", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 300 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (steps, warmup) => {
      const found = factors("cosine", steps, warmup);
      assert.ok(found.every((factor) => factor > 0 && factor <= 1));
      const falling = found.slice(Math.max(0, Math.round(warmup * steps) - 1));
      assert.deepEqual(falling, falling.toSorted((a, b) => b - a));
    },
  ));
});
