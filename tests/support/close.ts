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
  let scale = floor;
  for (let i = 0; i < e.length; i++) scale = Math.max(scale, Math.abs(e[i]));
  for (let i = 0; i < a.length; i++) {
    if (!(Math.abs(a[i] - e[i]) <= tolerance * scale)) {
      assert.fail(`value ${i}: expected ${e[i]}, found ${a[i]} (tolerance ${tolerance * scale})`);
    }
  }
}

/** All numbers of a nesting, in order; a typed array is its own, for there are some of millions. */
function flatten(values: Numbers): ArrayLike<number> {
  if (typeof values === "number") return [values];
  if (ArrayBuffer.isView(values)) return values as Float32Array;
  return Array.from(values as ArrayLike<Numbers>).flatMap((inner) => Array.from(flatten(inner)));
}
