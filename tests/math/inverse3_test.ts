import assert from "node:assert/strict";
import { inverse3 } from "../../lib/math/inverse3.ts";

Deno.test("inverse3() is what a matrix is undone by, also of an affine, whose shift it leaves out", () => {
  const affine = [[0, -2, 1, 30], [3, 0, 0.5, -7], [0, 1, 4, 5], [0, 0, 0, 1]];
  const inverse = inverse3(affine);
  for (const [i, row] of inverse.entries()) {
    const found = [0, 1, 2].map((j) =>
      row.reduce((sum, value, k) => sum + value * affine[k][j], 0)
    );
    found.forEach((value, j) => assert.ok(Math.abs(value - (i === j ? 1 : 0)) < 1e-12));
  }
});

Deno.test("inverse3() of a singular matrix is not finite", () => {
  const flat = [[1, 0, 0], [0, 1, 0], [0, 0, 0]];
  assert.ok(!inverse3(flat).flat().every(Number.isFinite));
});
