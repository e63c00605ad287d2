import assert from "node:assert/strict";
import fc from "fast-check";
import { drawElastic, splineField } from "../../lib/augmentations/elastic.ts";
import { PRESETS } from "../../lib/config/presets.ts";
import { type Random, random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

const { elastic: PUBLISHED } = PRESETS["pix2rep-v2"].views.spatial;

/** The cubic B-spline, centred at 0. */
function beta(x: number): number {
  const r = Math.abs(x);
  return r < 1 ? 2 / 3 - r ** 2 + r ** 3 / 2 : r < 2 ? (2 - r) ** 3 / 6 : 0;
}

/** Random displacements of all control points, those on the border too. */
function control(points: number, seed: number): Float32Array {
  const draw = random(seed, "control");
  return Float32Array.from({ length: points * points * 2 }, () => draw.uniform(-1, 1));
}

Deno.test("splineField() is the double sum over all control points", () => {
  for (const [points, size] of [[4, 5], [5, 16], [9, 33]]) {
    const c = control(points, size);
    const expected: number[] = [];
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const mesh = (size - 1) / (points - 3);
        for (const axis of [0, 1]) {
          let sum = 0;
          for (let i = 0; i < points; i++) {
            for (let j = 0; j < points; j++) {
              const weight = beta(1 + row / mesh - i) * beta(1 + column / mesh - j);
              sum += weight * c[(i * points + j) * 2 + axis];
            }
          }
          expected.push(sum);
        }
      }
    }
    assertClose(splineField(c, [points, size]), expected, 1e-5);
  }
});

Deno.test("splineField() moves everything alike where all control points do", () => {
  fc.assert(fc.property(fc.integer({ min: 4, max: 12 }), (points) => {
    const c = Float32Array.from({ length: points * points * 2 }, (_, i) => i % 2 ? -0.2 : 0.3);
    const expected = Array.from({ length: 17 * 17 * 2 }, (_, i) => i % 2 ? -0.2 : 0.3);
    assertClose(splineField(c, [points, 17]), expected, 1e-5);
  }));
});

Deno.test("splineField() reproduces a linear displacement, x by x and y by y", () => {
  // Control point j lies at (j − 1) meshes from the first pixel: the lattice of the identity.
  const [points, size] = [7, 13];
  const c = Float32Array.from({ length: points * points * 2 }, (_, at) => {
    const [i, j] = [Math.floor(at / 2 / points), Math.floor(at / 2) % points];
    return ((at % 2 ? i : j) - 1) / (points - 3);
  });
  const expected = Array.from({ length: size * size * 2 }, (_, at) => {
    const [row, column] = [Math.floor(at / 2 / size), Math.floor(at / 2) % size];
    return (at % 2 ? row : column) / (size - 1);
  });
  assertClose(splineField(c, [points, size]), expected, 1e-5);
});

Deno.test("drawElastic() moves no pixel further than the lattices' displacements together", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.2, noNaN: true }), (seed, displacement) => {
      const lattices = [{ points: 6, displacement }, { points: 9, displacement: 0.01 }];
      const limit = (displacement + 0.01) * 16;
      const field = drawElastic([2, 16], lattices, random(seed));
      // From coordinates to pixels.
      for (const moved of field) assert.ok(Math.abs(moved) * 15 / 2 <= limit + 1e-5);
    }),
  );
});

Deno.test("drawElastic() reaches the lattice's displacement, in pixels, and moves both ways", () => {
  // In the middle of the slice lies a control point; it and its neighbours, none of them locked,
  // weigh (1/6, 2/3, 1/6) along each axis: the sum of the squared weights is 1/4.
  const n = 500;
  const field = drawElastic([n, 17], [{ points: 5, displacement: 0.1 }], random("middle"));
  for (const axis of [0, 1]) {
    const middle = Array.from({ length: n }, (_, i) => field[(i * 289 + 144) * 2 + axis] * 8);
    const variance = middle.reduce((sum, pixels) => sum + pixels ** 2, 0) / n;
    const expected = (0.1 * 17) ** 2 / 3 / 4;
    assert.ok(Math.abs(variance / expected - 1) < 0.2, `variance ${variance} of ${expected}`);
    const mean = middle.reduce((sum, pixels) => sum + pixels, 0) / n;
    assert.ok(Math.abs(mean) < 0.1, `mean ${mean}`);
  }
});

Deno.test("drawElastic() locks the border of the lattice", () => {
  // With 4 points the corners of the slice lie at inner points: the locked ones around take 1/6 of
  // the weight along each axis away, where all others move as far as they may.
  const furthest = { ...random(0), uniform: (_: number, high: number) => high } as Random;
  const field = drawElastic([1, 9], [{ points: 4, displacement: 0.1 }], furthest);
  const limit = 0.1 * 2 * 9 / 8;
  for (const pixel of [0, 8, 72, 80]) {
    const corner = field.subarray(2 * pixel, 2 * pixel + 2);
    assertClose(corner, Array(2).fill((5 / 6) ** 2 * limit), 1e-6);
  }
});

Deno.test("drawElastic() moves nothing with displacement 0 or without lattices", () => {
  const nothing = new Float32Array(2 * 8 * 8 * 2);
  assertClose(drawElastic([2, 8], [{ points: 5, displacement: 0 }], random(1)), nothing, 0, 1e-12);
  assert.deepEqual(drawElastic([2, 8], [], random(1)), nothing);
});

Deno.test("drawElastic() depends on the seed alone and differs from slice to slice", () => {
  const draw = (seed: number) => drawElastic([2, 12], PUBLISHED, random(seed));
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const [one, other] = [draw(1).subarray(0, 288), draw(1).subarray(288)];
  assert.notDeepEqual(one, other);
});

Deno.test("drawElastic() folds nothing at the published strength, unlike at ten times it", () => {
  const least = (size: number, strength: number) => {
    const lattices = PUBLISHED.map(({ points, displacement }) => ({
      points,
      displacement: strength * displacement,
    }));
    const jacobians = Array.from({ length: 100 }, (_, seed) => {
      return leastJacobian(drawElastic([1, size], lattices, random(seed, "folding")), size);
    });
    return Math.min(...jacobians);
  };
  for (const size of [64, 128]) assert.ok(least(size, 1) > 0.5, `${least(size, 1)} at ${size}`);
  assert.ok(least(64, 10) < 0);
});

/** The least determinant of ∂(p + u)/∂p over the pixels, by forward differences. */
function leastJacobian(field: Float32Array, size: number): number {
  const step = 2 / (size - 1);
  let least = Infinity;
  for (let row = 0; row < size - 1; row++) {
    for (let column = 0; column < size - 1; column++) {
      const at = (row * size + column) * 2;
      const [right, below] = [at + 2, at + size * 2];
      const xx = 1 + (field[right] - field[at]) / step;
      const yx = (field[right + 1] - field[at + 1]) / step;
      const xy = (field[below] - field[at]) / step;
      const yy = 1 + (field[below + 1] - field[at + 1]) / step;
      least = Math.min(least, xx * yy - xy * yx);
    }
  }
  return least;
}
