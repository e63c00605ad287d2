import assert from "node:assert/strict";
import fc from "fast-check";
import { samplePixels } from "../../lib/losses/sample_pixels.ts";
import { random } from "../../lib/math/random.ts";

const validity = fc.uint8Array({ min: 0, max: 1, minLength: 1, maxLength: 60 });

Deno.test("samplePixels() draws distinct positions that may be drawn", () => {
  fc.assert(
    fc.property(validity, fc.nat(80), fc.nat(), (valid, n, seed) => {
      const { indices, mask } = samplePixels(n, valid, random(seed));
      assert.equal(indices.length, n);
      assert.equal(mask.length, n);
      const drawn = indices.filter((_, i) => mask[i] === 1);
      const available = valid.filter((v) => v === 1).length;
      assert.equal(drawn.length, Math.min(n, available));
      assert.equal(new Set(drawn).size, drawn.length);
      assert.ok(drawn.every((position) => valid[position] === 1));
    }),
  );
});

Deno.test("samplePixels() fills what cannot be drawn with masked positions at the end", () => {
  const { indices, mask } = samplePixels(4, Uint8Array.of(0, 1, 0, 0, 1), random(1));
  assert.deepEqual([...mask], [1, 1, 0, 0]);
  assert.deepEqual([...indices.subarray(0, 2)].sort(), [1, 4]);
  assert.deepEqual([...indices.subarray(2)], [0, 0]);
});

Deno.test("samplePixels() draws from all positions when given their number", () => {
  const { indices, mask } = samplePixels(10, 10, random(2));
  assert.deepEqual([...indices].sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(mask.every((weight) => weight === 1));
});

Deno.test("samplePixels() draws every position equally often", () => {
  const counts = new Array(8).fill(0);
  const trials = 4000;
  for (let seed = 0; seed < trials; seed++) {
    for (const position of samplePixels(2, 8, random("uniformity", seed)).indices) {
      counts[position]++;
    }
  }
  // Each position is in a sample with probability 1/4; four standard deviations.
  const slack = 4 * Math.sqrt(trials * 3 / 16);
  for (const count of counts) assert.ok(Math.abs(count - trials / 4) < slack, `${counts}`);
});

Deno.test("samplePixels() depends on the seed alone", () => {
  assert.deepEqual(samplePixels(5, 100, random(3)), samplePixels(5, 100, random(3)));
  assert.notDeepEqual(samplePixels(5, 100, random(3)), samplePixels(5, 100, random(4)));
});
