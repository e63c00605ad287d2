import assert from "node:assert/strict";

/** Any nesting of numbers. */
export type Numbers = number | ArrayLike<number> | Numbers[];

/**
 * Asserts that all values agree to `tolerance` relative to the largest expected magnitude (and at
 * least to `tolerance × floor`), naming the worst place.
 */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  tolerance = 1e-4,
  floor = 1e-3,
): void {
  const a = flatten(actual);
  const e = flatten(expected);
  assert.equal(a.length, e.length, "different number of values");
  const scale = e.reduce((most, value) => Math.max(most, Math.abs(value)), floor);
  for (let i = 0; i < a.length; i++) {
    if (!(Math.abs(a[i] - e[i]) <= tolerance * scale)) {
      assert.fail(`value ${i}: expected ${e[i]}, found ${a[i]} (tolerance ${tolerance * scale})`);
    }
  }
}

/** All numbers of a nesting, in order. */
export function flatten(values: Numbers): number[] {
  if (typeof values === "number") return [values];
  return Array.from(values as ArrayLike<Numbers>).flatMap(flatten);
}
