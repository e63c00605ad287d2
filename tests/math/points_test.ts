import assert from "node:assert/strict";
import { distanceMatrix, meanPoint, positionOfLeast, standardised } from "../../lib/math/points.ts";
import { assertClose } from "../support/close.ts";

Deno.test("distanceMatrix() knows a right triangle", () => {
  const rows = distanceMatrix([[0, 0], [3, 0], [0, 4]]).map((row) => [...row]);
  assert.deepEqual(rows, [[0, 3, 4], [3, 0, 5], [4, 5, 0]]);
});

Deno.test("positionOfLeast() is the first of equals, and −1 of nothing", () => {
  assert.deepEqual([[2, 1, 1], [0], []].map(positionOfLeast), [1, 0, -1]);
});

Deno.test("meanPoint() is the middle, of nothing none", () => {
  assert.deepEqual([...meanPoint([[1, 2], [3, 6]])!], [2, 4]);
  assert.equal(meanPoint([]), undefined);
});

Deno.test("standardised() makes all coordinates count alike, and drops what does not vary", () => {
  const points = [[1, 1000, 0.1], [3, 3000, 0.1], [5, 5000, 0.1]];
  const side = Math.sqrt(1.5);
  const expected = [[-side, -side, 0], [0, 0, 0], [side, side, 0]];
  standardised(points).forEach((point, i) => assertClose(point, expected[i], 1e-12));
  assert.deepEqual(standardised([]), []);
});
