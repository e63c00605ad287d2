import assert from "node:assert/strict";
import { componentColours, cosineSimilarity } from "../../lib/analysis/feature_maps.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

/** Features that vary along three orthogonal axes of five dimensions, less from one to the next. */
function features(pixels: number): { values: Float32Array; parts: number[][]; dimensions: number } {
  const source = random("features");
  const axes = [[0, 0.6, 0, 0.8, 0], [0, -0.8, 0, 0.6, 0], [0, 0, -1, 0, 0]];
  const parts = [9, 3, 1].map((spread) =>
    Array.from({ length: pixels }, () => source.uniform(-spread, spread))
  );
  const values = Float32Array.from(
    { length: 5 * pixels },
    (_, at) =>
      7 + axes.reduce((sum, axis, i) => sum + axis[at % 5] * parts[i][Math.floor(at / 5)], 0),
  );
  return { values, parts, dimensions: 5 };
}

/** Pearson's correlation. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (x: readonly number[]) => {
    const mean = x.reduce((sum, value) => sum + value) / x.length;
    return x.map((value) => value - mean);
  };
  const [u, v] = [centred(a), centred(b)];
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
}

Deno.test("componentColours() shows the axes of greatest variance as red, green and blue", () => {
  const { values, parts, dimensions } = features(4000);
  const colours = componentColours({ values, dimensions });
  for (const channel of [0, 1, 2]) {
    const shown = parts[0].map((_, pixel) => colours[3 * pixel + channel]);
    // The largest entry of each axis decides the sign: 0.8, −0.8 and −1.
    const sign = channel === 0 ? 1 : -1;
    assert.ok(sign * correlation(shown, parts[channel]) > 0.99, `channel ${channel}`);
    assert.deepEqual([Math.min(...shown), Math.max(...shown)], [0, 1]);
    const clipped = shown.filter((value) => value === 0 || value === 1).length;
    assert.ok(clipped >= 80 && clipped <= 84, `${clipped} of 4000 clipped`);
  }
});

Deno.test("componentColours() gives fewer channels to fewer dimensions, and 0 where nothing varies", () => {
  const values = Float32Array.of(0, 1, 2, 3);
  const colours = componentColours({ values, dimensions: 1 });
  assert.deepEqual([colours[0], colours[1], colours[2]], [0, 0, 0]);
  assert.deepEqual([colours[9], colours[10], colours[11]], [1, 0, 0]);
  assert.ok(componentColours({ values: values.map(() => 5), dimensions: 2 }).every((x) => x === 0));
});

Deno.test("cosineSimilarity() compares with one pixel, or pixel by pixel", () => {
  const pixels = { values: Float32Array.of(1, 0, 0, 2, -3, 0, 0, 0, 3, 4), dimensions: 2 };
  assertClose(cosineSimilarity(pixels, Float32Array.of(5, 0)), [1, 0, -1, 0, 0.6], 1e-6);
  assertClose(cosineSimilarity(pixels, pixels.values.map((x) => 2 * x)), [1, 1, 1, 0, 1], 1e-6);
  assert.throws(() => cosineSimilarity(pixels, Float32Array.of(1, 2, 3)), {
    name: "RangeError",
    message: "cosineSimilarity: expected a reference of 2 or 10 features, found 3",
  });
});
