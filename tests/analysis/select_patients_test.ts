import assert from "node:assert/strict";
import {
  byTypicality,
  remoteness,
  SELECTION_STRATEGIES,
  selectPositions,
} from "../../lib/analysis/select_patients.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

/** Points about some places, with noise. */
function cloud(places: readonly (readonly [x: number, y: number, count: number])[]): number[][] {
  const source = random("cloud");
  return places.flatMap(([x, y, count]) =>
    Array.from({ length: count }, () => [x + source.normal(), y + source.normal()])
  );
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((x, i) => x - b[i]));

Deno.test("remoteness() is the mean distance to the 5 nearest, as sorting tells it", () => {
  const points = cloud([[0, 0, 30], [40, 0, 3]]);
  const expected = points.map((point) => {
    const sorted = points.filter((other) => other !== point)
      .map((other) => distance(point, other)).sort((a, b) => a - b);
    return sorted.slice(0, 5).reduce((sum, x) => sum + x, 0) / 5;
  });
  assertClose(remoteness(points), expected, 1e-12);
  assert.deepEqual(remoteness([[1, 2]]), [0]);
  assert.deepEqual(remoteness([[0, 0], [0, 6], [8, 0]]), [7, 8, 9]);
});

Deno.test("byTypicality() begins in the middle and ends with those apart", () => {
  const line = [[9], [-1], [0], [1], [30]];
  assert.deepEqual(byTypicality(line), [3, 2, 1, 0, 4]);
  assert.deepEqual(selectPositions(line, { strategy: "typical", count: 2, seed: 0 }), [3, 2]);
});

Deno.test("k-centres choose one of each cluster, the nearest to its centre, largest first", () => {
  const places = [[0, 0, 8], [50, 0, 12], [0, 50, 5]] as const;
  const points = cloud(places);
  const chosen = selectPositions(points, { strategy: "k-centres", count: 3, seed: 4 });
  const groups = [points.slice(8, 20), points.slice(0, 8), points.slice(20)];
  const expected = groups.map((group) => {
    const centre = [0, 1].map((i) => group.reduce((sum, p) => sum + p[i], 0) / group.length);
    const nearest = group.toSorted((a, b) => distance(a, centre) - distance(b, centre))[0];
    return points.indexOf(nearest);
  });
  assert.deepEqual(chosen, expected);
});

Deno.test("k-centres of equal points are still as many as were asked for", () => {
  const points = [[1], [1], [1], [5]];
  const chosen = selectPositions(points, { strategy: "k-centres", count: 3, seed: 0 });
  assert.equal(new Set(chosen).size, 3);
});

Deno.test("farthest begins with the most typical and goes where nobody was", () => {
  const points = [[0, 0], [1, 0], [-1, 0], [0, 40], [30, 0], [31, 0]];
  const chosen = selectPositions(points, { strategy: "farthest", count: 4, seed: 0 });
  const expected = [byTypicality(points)[0]];
  while (expected.length < 4) {
    const apart = points.map((point) =>
      Math.min(...expected.map((i) => distance(point, points[i])))
    );
    expected.push(apart.indexOf(Math.max(...apart)));
  }
  assert.deepEqual(chosen, expected);
  assert.deepEqual(chosen.slice(1, 3), [3, 5]);
});

Deno.test("every strategy chooses different points, the same for a seed; random ones by the seed", () => {
  const points = cloud([[0, 0, 20], [8, 3, 20]]);
  for (const strategy of SELECTION_STRATEGIES) {
    const choose = (seed: number) => selectPositions(points, { strategy, count: 6, seed });
    assert.equal(new Set(choose(0)).size, 6);
    assert.deepEqual(choose(0), choose(0));
  }
  const drawn = (seed: number) => selectPositions(points, { strategy: "random", count: 6, seed });
  assert.notDeepEqual(drawn(0), drawn(1));
});

Deno.test("selectPositions() refuses more than there are, and none", () => {
  for (const count of [0, 3, 1.5]) {
    assert.throws(
      () => selectPositions([[1], [2]], { strategy: "typical", count, seed: 0 }),
      /expected 1 to 2 patients to choose, found/,
    );
  }
});
