import assert from "node:assert/strict";
import { pack } from "../../../lib/reports/sections/pack.ts";
import { split, unpack } from "../../../lib/reports/page/bytes.ts";
import { similarityTo, unitFeatures } from "../../../lib/reports/page/features.ts";
import { errorsOf, paintSlice, rgb, sliceDice, windowed } from "../../../lib/reports/page/paint.ts";
import { comparison } from "../../../lib/reports/page/patients.ts";
import { compactFeatures, expandFeatures } from "../../../lib/analysis/compact_features.ts";
import { cosineSimilarity } from "../../../lib/analysis/feature_maps.ts";
import { compareMasks } from "../../../lib/evaluators/metrics.ts";
import { random } from "../../../lib/math/random.ts";

Deno.test("unpack() gives the bytes that pack() took, of arrays and of parts of them", async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  assert.deepEqual(await unpack(pack(bytes)), bytes);
  assert.deepEqual(await unpack(pack(bytes.subarray(10, 20))), bytes.slice(10, 20));
  const signed = Int8Array.of(-128, -1, 0, 127);
  assert.deepEqual(new Int8Array((await unpack(pack(signed))).buffer), signed);
  assert.deepEqual(split(Uint8Array.of(1, 2, 3, 4), 2), [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
});

Deno.test("windowed() spreads a window about a level over all greys", () => {
  const window = { level: 0.5, width: 0.2 };
  assert.deepEqual([0, 102, 127.5, 153, 255].map((value) => Math.round(windowed(value, window))), [
    ...[0, 0, 128, 255, 255],
  ]);
  assert.equal(windowed(77, { level: 0.5, width: 1 }), 77);
});

Deno.test("errorsOf() tells what is missed, found for nothing, and taken for another", () => {
  const [reference, prediction] = [Uint8Array.of(0, 1, 1, 0, 2), Uint8Array.of(0, 1, 0, 2, 1)];
  assert.deepEqual(errorsOf(reference, prediction), Uint8Array.of(0, 0, 1, 2, 3));
});

Deno.test("sliceDice() agrees with the toolkit's own Dice", () => {
  const source = random("slice dice");
  const labels = () => Uint8Array.from({ length: 64 }, () => source.integer(3));
  const [a, b] = [labels(), labels()];
  const mask = (of: Uint8Array) => of.map((label) => label === 2 ? 1 : 0);
  const grid = { shape: [8, 8, 1], spacing: [1, 1, 1] } as const;
  assert.equal(sliceDice(a, b, 2), compareMasks(mask(a), mask(b), grid).dice);
  assert.equal(sliceDice(a, b, 7), null);
});

Deno.test("paintSlice() draws greys, and contours in full colour around a translucent inside", () => {
  const image = new Uint8Array(16).fill(100);
  const labels = Uint8Array.from(image, (_, i) => i < 8 ? 1 : 0);
  const whole = { level: 0.5, width: 1 };
  const overlay = { labels, colours: [[], [200, 0, 0]], opacity: 0.5 };
  const drawn = { image, width: 4, height: 4, window: whole, overlay };
  const painted = paintSlice({ ...drawn, scale: 8 });
  assert.equal(painted.length, 4 * 32 * 32);
  const at = (
    x: number,
    y: number,
  ) => [...painted.subarray(4 * (32 * y + x), 4 * (32 * y + x) + 4)];
  assert.deepEqual(at(16, 8), [150, 50, 50, 255]);
  assert.deepEqual(at(16, 15), [200, 0, 0, 255]);
  assert.deepEqual(at(16, 16), [100, 100, 100, 255]);
  const colours = (painted: Uint8ClampedArray) =>
    Array.from({ length: painted.length / 4 }, (_, i) => painted[4 * i]);
  // One pixel for one: a contour of one, along the edges of the slice too, unless it is to be plain.
  assert.deepEqual(colours(paintSlice({ ...drawn, scale: 1 })), [
    ...[...new Array(8).fill(200), ...new Array(8).fill(100)],
  ]);
  const plain = paintSlice({ ...drawn, overlay: { ...overlay, plain: true }, scale: 1 });
  assert.deepEqual(colours(plain), [...new Array(8).fill(150), ...new Array(8).fill(100)]);
  // Of other proportions: three columns of the first row.
  const wide = {
    image: image.subarray(6),
    labels: Uint8Array.of(1, 1, 1, ...new Array(7).fill(0)),
  };
  const flat = { ...drawn, image: wide.image, width: 5, height: 2, scale: 1 };
  assert.deepEqual(
    colours(paintSlice({ ...flat, overlay: { ...overlay, labels: wide.labels } })),
    [200, 200, 200, 100, 100, 100, 100, 100, 100, 100],
  );
  assert.deepEqual(rgb("#0A10ff"), [10, 16, 255]);
});

Deno.test("similarityTo() gives the cosines of the features that bytes stand for", () => {
  const source = random("page features");
  const values = Float32Array.from({ length: 50 * 6 }, () => source.normal());
  const compact = compactFeatures({ values, dimensions: 6 }, 6);
  const features = unitFeatures(compact.values, { scales: [...compact.scales] });
  const found = similarityTo(features, 6, 3);
  const expanded = expandFeatures(compact);
  const expected = cosineSimilarity(expanded, expanded.values.slice(18, 24));
  expected.forEach((cosine, pixel) => assert.ok(Math.abs(found[pixel] - cosine) < 1e-5));
});

Deno.test("comparison() counts the patients that fare better", () => {
  const a = { name: "A", dice: [[0.5, 0.6], [0.7]] };
  const b = { name: "B", dice: [[0.6, 0.6], [0.5]] };
  assert.equal(
    comparison(a, b),
    "B is better than A in 1 of 3 patients; the mean difference in Dice is −0.033.",
  );
});
