import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { drawBoxes, pasteBoxes } from "../../lib/augmentations/cut_mix.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";

const [SLICES, SIZE] = [600, 20];

/** The first and last row and column of a box, and how many pixels are in it. */
function boxOf(inside: Float32Array) {
  const at = [...inside.keys()].filter((i) => inside[i] === 1);
  const rows = at.map((i) => Math.floor(i / SIZE)), columns = at.map((i) => i % SIZE);
  const [top, bottom] = [Math.min(...rows), Math.max(...rows)];
  const [left, right] = [Math.min(...columns), Math.max(...columns)];
  return { top, left, height: bottom - top + 1, width: right - left + 1, count: at.length };
}

Deno.test("drawBoxes() draws one box anywhere inside as many slices as is asked for", () => {
  const all = drawBoxes([SLICES, SIZE], 0.3, random("boxes"));
  assert.deepEqual(new Set(all), new Set([0, 1]));
  const boxes = Array.from(
    { length: SLICES },
    (_, i) => all.subarray(i * SIZE ** 2, (i + 1) * SIZE ** 2),
  ).filter((slice) => slice.includes(1)).map(boxOf);
  assert.ok(Math.abs(boxes.length / SLICES - 0.3) < 0.06, `${boxes.length}`);
  for (const { height, width, count } of boxes) {
    assert.equal(count, height * width, "a whole rectangle");
    // Sides are rounded by up to half a pixel each.
    const ratio = Math.max((height - 0.5) / (width + 0.5), (width - 0.5) / (height + 0.5));
    assert.ok(ratio <= 1 / 0.3, `${height} × ${width}`);
  }
  const areas = boxes.map(({ count }) => count / SIZE ** 2);
  assert.ok(Math.min(...areas) < 0.06 && Math.max(...areas) < 0.46 && Math.max(...areas) > 0.35);
  const mean = areas.reduce((a, b) => a + b) / areas.length;
  assert.ok(Math.abs(mean - 0.21) < 0.03, `mean area ${mean}`);
  assert.ok(boxes.some(({ top }) => top === 0) && boxes.some(({ left }) => left === 0));
  assert.ok(boxes.some(({ top, height }) => top + height === SIZE));
  assert.ok(boxes.some(({ left, width }) => left + width === SIZE));
});

Deno.test("drawBoxes() draws none of probability 0 and one in each slice of probability 1", () => {
  assert.ok(!drawBoxes([9, SIZE], 0, random("none")).includes(1));
  const all = drawBoxes([9, SIZE], 1, random("all"));
  for (let i = 0; i < 9; i++) {
    assert.ok(all.subarray(i * SIZE ** 2, (i + 1) * SIZE ** 2).includes(1));
  }
});

testOnBackends("pasteBoxes() shows the next slice in the box and the slice elsewhere", async () => {
  const [batch, size, channels] = [3, 4, 2];
  const values = Float32Array.from({ length: batch * size * size * channels }, (_, i) => i + 1);
  const inside = drawBoxes([batch, size], 0.7, random("paste"));
  const x = tf.tensor4d(values, [batch, size, size, channels]);
  const found = await pasteBoxes(x, tf.tensor4d(inside, [batch, size, size, 1])).data();
  const expected = values.map((value, i) => {
    const pixel = Math.floor(i / channels);
    const next = (i + size * size * channels) % values.length;
    return inside[pixel] ? values[next] : value;
  });
  assert.deepEqual([...found], [...expected]);
  // A single slice follows itself.
  const alone = tf.slice(x, 0, 1);
  const box = tf.ones([1, size, size, 1]) as tf.Tensor4D;
  assert.deepEqual(await pasteBoxes(alone, box).data(), await alone.data());
});
