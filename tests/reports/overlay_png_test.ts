import { decode } from "fast-png";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { overlayPng } from "../../lib/reports/overlay_png.ts";
import { structureColour } from "../../lib/reports/palette.ts";

const size = [6, 4] as const;
const image = Float32Array.from({ length: 24 }, (_, i) => i === 0 ? 2 : i === 1 ? -1 : 0.4);

function pixels(
  uri: string,
): { width: number; height: number; at: (x: number, y: number) => number[] } {
  const prefix = "data:image/png;base64,";
  assert.ok(uri.startsWith(prefix));
  const { width, height, data, channels } = decode(Buffer.from(uri.slice(prefix.length), "base64"));
  return {
    width,
    height,
    at: (x, y) => [...data.slice((y * width + x) * channels, (y * width + x) * channels + 3)],
  };
}

Deno.test("overlayPng() enlarges every pixel by a whole number, and clips intensities", () => {
  const { width, height, at } = pixels(overlayPng({ image, size }));
  assert.deepEqual([width, height], [6 * 64, 4 * 64]);
  assert.deepEqual(at(63, 63), [255, 255, 255]);
  assert.deepEqual(at(64, 0), [0, 0, 0]);
  assert.deepEqual(at(383, 255), [102, 102, 102]);
});

Deno.test("overlayPng() draws contours in full colour and the inside translucent", () => {
  const labels = new Uint8Array(24);
  labels.fill(1, 6, 12);
  const { at } = pixels(overlayPng({ image, size }, labels));
  const colour = [1, 3, 5].map((i) => parseInt(structureColour(1).slice(i, i + 2), 16));
  assert.deepEqual(at(100, 64), colour);
  const inside = at(100, 96);
  colour.forEach((value, i) => {
    assert.ok(Math.abs(inside[i] - 102) < Math.abs(value - 102), "between grey and the colour");
    assert.equal(Math.sign(inside[i] - 102), Math.sign(value - 102));
  });
  assert.deepEqual(at(200, 63), [102, 102, 102]);
});

Deno.test("overlayPng() rejects images and labels of another size", () => {
  assert.throws(
    () => overlayPng({ image, size: [5, 4] }),
    new RangeError("Expected 5 × 4 pixels, found 24"),
  );
  assert.throws(() => overlayPng({ image, size }, new Uint8Array(23)), RangeError);
});
