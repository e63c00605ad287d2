import assert from "node:assert/strict";
import { slicesByWorth } from "../../lib/analysis/select_slices.ts";
import { random } from "../../lib/math/random.ts";

/** What is left of the distance from all slices to the nearest labelled one. */
function rest(labelled: readonly number[][], cohort: readonly number[][]): number {
  return cohort.reduce(
    (sum, other) =>
      sum + Math.min(...labelled.map((one) => Math.hypot(...one.map((x, i) => x - other[i])))),
    0,
  );
}

/** Every choice of so many items. */
function choices<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) =>
    choices(items.slice(i + 1), count - 1).map((others) => [item, ...others])
  );
}

Deno.test("slicesByWorth() begins in the middle, and leaves a twin and a stray for the end", () => {
  const [apex, middle, twin, base] = [[-6, 0], [0, 0], [0, 0.1], [4, 0]];
  const cohort = [[-1, 0], [0, 0], [0, 0], [1, 0], [4, 1], [4, 0], [-3, 0], apex, middle, base];
  assert.deepEqual(slicesByWorth([apex, middle, twin, base], cohort), [1, 3, 0, 2]);
});

Deno.test("slicesByWorth() gains at each length at least 63 % of what the best choice gains", () => {
  const source = random("slices");
  const draw = (count: number) =>
    Array.from({ length: count }, () => [source.normal(), source.normal()]);
  const [slices, cohort] = [draw(7), draw(40)];
  const order = slicesByWorth(slices, cohort);
  assert.deepEqual(order.toSorted(), [0, 1, 2, 3, 4, 5, 6]);
  // Gains are counted from the worst single slice, a farther one than which none is.
  const most = Math.max(...slices.map((slice) => rest([slice], cohort)));
  for (let count = 1; count <= 4; count++) {
    const found = most - rest(order.slice(0, count).map((i) => slices[i]), cohort);
    const best = most - Math.min(...choices(slices, count).map((some) => rest(some, cohort)));
    assert.ok(found >= (1 - 1 / Math.E) * best, `${count}: ${found} of ${best}`);
    if (count === 1) assert.ok(Math.abs(found - best) < 1e-9);
  }
});
