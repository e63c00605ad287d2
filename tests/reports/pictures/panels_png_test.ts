import { decode } from "fast-png";
import assert from "node:assert/strict";
import { panelsPng } from "../../../lib/reports/pictures/panels_png.ts";

/** An image of 80 × 80 pixels per panel pixel, and how to look at it. */
function draw(...args: Parameters<typeof panelsPng>) {
  const { width, height, data, channels } = decode(panelsPng(...args));
  const at = (x: number, y: number) => [...data.slice((y * width + x) * channels).slice(0, 4)];
  return { width, height, at };
}

const grey = { pixels: Float32Array.of(0, 0.2, 2, -1), size: 2 };
const coloured = { pixels: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.4, 0.6), size: 2 };

Deno.test("panelsPng() draws greys and colours, enlarged and clipped, with gaps to see through", () => {
  const { width, height, at } = draw([[grey, coloured], [coloured, grey]]);
  assert.deepEqual([width, height], [326, 326]);
  assert.deepEqual(at(79, 79), [0, 0, 0, 255]);
  assert.deepEqual(at(80, 79), [51, 51, 51, 255]);
  assert.deepEqual(at(0, 159), [255, 255, 255, 255]);
  assert.deepEqual(at(159, 159), [0, 0, 0, 255]);
  assert.deepEqual(at(163, 100), [0, 0, 0, 0]);
  assert.deepEqual(at(166, 0), [255, 0, 0, 255]);
  assert.deepEqual(at(325, 159), [51, 102, 153, 255]);
  assert.deepEqual(at(80, 166), [0, 255, 0, 255]);
});

Deno.test("panelsPng() rings a marked pixel's centre", () => {
  const { at } = draw([[{ ...grey, mark: [1, 0] }]]);
  assert.deepEqual(at(120 + 6, 40), [255, 230, 0, 255]);
  assert.deepEqual(at(120, 40), [51, 51, 51, 255]);
  assert.deepEqual(at(40, 40), [0, 0, 0, 255]);
});

Deno.test("panelsPng() refuses panels that do not fit together", () => {
  assert.throws(() => panelsPng([[grey, grey], [grey]]), RangeError);
  const message = /^panelsPng: expected 2 × 2 greys or colours, found 9 values for 3 × 3$/;
  const other = { pixels: new Float32Array(9), size: 3 };
  assert.throws(() => panelsPng([[grey, other]]), { name: "RangeError", message });
  assert.throws(() => panelsPng([[{ pixels: new Float32Array(8), size: 2 }]]), RangeError);
});
