import assert from "node:assert/strict";
import { contour, ellipse, outside, reshape, ripple } from "../../../lib/data/phantom/contour.ts";
import { random } from "../../../lib/math/random.ts";

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `expected ${expected}, found ${actual}`);

Deno.test("outside() is the distance along the ray, negative inside", () => {
  const shape = contour(10, -5, ellipse(6, 3));
  near(outside(shape, 10 + 8, -5), 2);
  near(outside(shape, 10 - 2, -5), -4);
  near(outside(shape, 10, -5 - 4), 1);
  near(outside(shape, 10, -5 + 1), -2);
});

Deno.test("outside() is 0 all around the outline, also where the angle wraps", () => {
  const shape = contour(0, 0, ellipse(6, 4, 0.3));
  for (let angle = -Math.PI; angle <= Math.PI; angle += 0.01) {
    const radius = ellipse(6, 4, 0.3)(angle);
    near(outside(shape, radius * Math.cos(angle), radius * Math.sin(angle)), 0, 5e-3);
  }
});

Deno.test("reshape() changes every radius and keeps the centre", () => {
  const shape = reshape(contour(1, 2, () => 5), (radius, angle) => radius + Math.cos(angle));
  near(outside(shape, 1 + 6, 2), 0);
  near(outside(shape, 1 - 4, 2), 0);
});

Deno.test("ripple() closes and has mean 0", () => {
  const wave = ripple(random("ripple"), 0.1);
  near(wave(-Math.PI), wave(Math.PI));
  const angles = Array.from({ length: 64 }, (_, i) => 2 * Math.PI * i / 64);
  near(angles.reduce((sum, angle) => sum + wave(angle), 0), 0);
  assert.ok(angles.some((angle) => Math.abs(wave(angle)) > 0.01));
});
