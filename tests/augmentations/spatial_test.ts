import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import {
  affineMatrix,
  drawAffine,
  insideFieldOfView,
  sourcePoints,
} from "../../lib/augmentations/spatial.ts";
import { PUBLISHED_VIEWS } from "../../lib/config/presets.ts";
import { affineGrid } from "../../lib/ops/affine_grid.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

const IDENTITY = [1, 0, 0, 0, 1, 0];

/** Takes a published transform apart: flips, angle, scale and translation before the rotation. */
function decompose([a, b, c, d, e, f]: ArrayLike<number> & Iterable<number>) {
  const scale = Math.hypot(a, d);
  const mirrored = a * e - b * d < 0;
  // A flip left-right negates the first column, one up-down the second. With the angle within
  // ±90° its cosine is not negative, so the column with a negative diagonal is the flipped one.
  const flipX = mirrored && a < 0;
  const angle = flipX ? Math.atan2(-d, -a) : Math.atan2(d, a);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const translation = [cos * c + sin * f, -sin * c + cos * f];
  return { scale, angle, translation, flip: !mirrored ? "none" : flipX ? "x" : "y" };
}

Deno.test("affineMatrix() flips first, crops then, rotates last", () => {
  const parts = { rotation: 0, scale: 1, translation: [0, 0], flip: [1, 1] } as const;
  assertClose(affineMatrix(parts), IDENTITY, 1e-12);
  // By hand, R(90°) = [0 −1; 1 0], C = 0.5·I + (0.1, 0.2), F = diag(−1, 1):
  // C·F = [−0.5 0 0.1; 0 0.5 0.2], R·C·F = [0 −0.5 −0.2; −0.5 0 0.1].
  const composed = affineMatrix({
    rotation: Math.PI / 2,
    scale: 0.5,
    translation: [0.1, 0.2],
    flip: [-1, 1],
  });
  assertClose(composed, [0, -0.5, -0.2, -0.5, 0, 0.1], 1e-12);
});

Deno.test("affineMatrix() is the product of its three matrices", () => {
  const unit = fc.double({ min: -1, max: 1, noNaN: true });
  const sign = fc.constantFrom(-1, 1);
  fc.assert(
    fc.property(unit, unit, unit, unit, sign, sign, (turn, size, tx, ty, fx, fy) => {
      const rotation = 3 * turn;
      const scale = 1.1 + size;
      const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
      const r = [[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]];
      const c = [[scale, 0, tx], [0, scale, ty], [0, 0, 1]];
      const f = [[fx, 0, 0], [0, fy, 0], [0, 0, 1]];
      const expected = multiply(r, multiply(c, f)).slice(0, 2);
      const actual = affineMatrix({ rotation, scale, translation: [tx, ty], flip: [fx, fy] });
      assertClose(actual, expected, 1e-12);
    }),
  );
});

Deno.test("drawAffine() draws every part within its published range", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const theta = drawAffine(4, PUBLISHED_VIEWS.spatial, random(seed));
      for (let i = 0; i < 4; i++) {
        const { scale, angle, translation } = decompose(theta.subarray(i * 6, i * 6 + 6));
        assert.ok(scale > 0.33 - 1e-6 && scale < 0.95 + 1e-6, `scale ${scale}`);
        assert.ok(Math.abs(angle) < Math.PI / 2 + 1e-6, `angle ${angle}`);
        for (const t of translation) assert.ok(Math.abs(t) <= 1 - scale + 1e-6, `translation ${t}`);
      }
    }),
  );
});

Deno.test("drawAffine() fills the ranges evenly and flips one way or the other in thirds", () => {
  const n = 3000;
  const theta = drawAffine(n, PUBLISHED_VIEWS.spatial, random("affine statistics"));
  const parts = Array.from({ length: n }, (_, i) => decompose(theta.subarray(i * 6, i * 6 + 6)));
  for (const flip of ["none", "x", "y"]) {
    const count = parts.filter((part) => part.flip === flip).length;
    assert.ok(Math.abs(count - n / 3) < 4 * Math.sqrt(n * 2 / 9), `${flip}: ${count} of ${n}`);
  }
  const uniforms = {
    scale: parts.map(({ scale }) => (scale - 0.33) / 0.62),
    angle: parts.map(({ angle }) => angle / Math.PI + 0.5),
    x: parts.map(({ translation: [x], scale }) => x / (1 - scale) / 2 + 0.5),
    y: parts.map(({ translation: [, y], scale }) => y / (1 - scale) / 2 + 0.5),
  };
  for (const [name, values] of Object.entries(uniforms)) {
    const mean = values.reduce((a, b) => a + b) / n;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    assert.ok(Math.abs(mean - 0.5) < 0.025, `${name}: mean ${mean}`);
    assert.ok(Math.abs(variance - 1 / 12) < 0.006, `${name}: variance ${variance}`);
  }
});

Deno.test("drawAffine() depends on the seed alone", () => {
  const draw = (seed: number) => drawAffine(3, PUBLISHED_VIEWS.spatial, random(seed));
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});

Deno.test("drawAffine() draws only the identity from settings that allow nothing else", () => {
  const nothing = { rotation: [0, 0], scale: [1, 1], flip: false, elastic: [] } as const;
  assertClose(drawAffine(2, nothing, random(1)), [...IDENTITY, ...IDENTITY], 1e-12);
});

testOnBackends(
  "sourcePoints() are the points of affineGrid() where nothing is displaced",
  async () => {
    const theta = drawAffine(3, PUBLISHED_VIEWS.spatial, random("points"));
    const grid = affineGrid(tf.tensor3d(theta, [3, 2, 3]), [5, 7]);
    assertClose(sourcePoints(theta, [5, 7]), await grid.data(), 1e-6, 1);
    assertClose(
      sourcePoints(theta, [5, 7], new Float32Array(3 * 5 * 7 * 2)),
      await grid.data(),
      1e-6,
    );
  },
);

Deno.test("sourcePoints() displaces first and transforms then", () => {
  // By hand: (x, y) ↦ (−y − v + 0.5, x + u) at the four corners, (u, v) another at each.
  const theta = Float32Array.from([0, -1, 0.5, 1, 0, 0]);
  const displacement = Float32Array.from([0.25, 0, 0, 0.5, -0.25, -0.5, 0, 0]);
  const points = sourcePoints(theta, [2, 2], displacement);
  assert.deepEqual([...points], [1.5, -0.75, 1, 1, 0, -1.25, -0.5, 1]);
});

Deno.test("insideFieldOfView() keeps all of an untransformed slice, its border included", () => {
  const inside = insideFieldOfView(sourcePoints(Float32Array.from(IDENTITY), [7, 7]));
  assert.deepEqual([...inside], new Array(49).fill(1));
});

Deno.test("insideFieldOfView() is 0 where the source lies outside, slice by slice", () => {
  // The window is moved right by one pixel of five (0.5): the last column has no source. The second
  // slice is turned by 45°: its corners have none.
  const diagonal = Math.SQRT1_2;
  const theta = [1, 0, 0.5, 0, 1, 0, diagonal, -diagonal, 0, diagonal, diagonal, 0];
  const inside = insideFieldOfView(sourcePoints(Float32Array.from(theta), [5, 5]));
  const moved = [1, 1, 1, 1, 0];
  const turned = [
    ...[0, 0, 1, 0, 0],
    ...[0, 1, 1, 1, 0],
    ...[1, 1, 1, 1, 1],
    ...[0, 1, 1, 1, 0],
    ...[0, 0, 1, 0, 0],
  ];
  assert.deepEqual([...inside], [...moved, ...moved, ...moved, ...moved, ...moved, ...turned]);
});

Deno.test("insideFieldOfView() finds every pixel of an unturned crop inside", () => {
  const crops = { ...PUBLISHED_VIEWS.spatial, rotation: [0, 0] } as const;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const inside = insideFieldOfView(sourcePoints(drawAffine(2, crops, random(seed)), [6, 6]));
      assert.ok(inside.every((pixel) => pixel === 1));
    }),
  );
});

/** A matrix product. */
function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, v, k) => sum + v * b[k][j], 0)));
}
