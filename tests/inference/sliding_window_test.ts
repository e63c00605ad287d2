import assert from "node:assert/strict";
import fc from "fast-check";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import {
  cutWindows,
  gaussianWeights,
  joinWindows,
  windowsOver,
  windowStarts,
} from "../../lib/inference/sliding_window.ts";
import { random } from "../../lib/math/random.ts";
import { tinyVolume } from "../support/datasets.ts";

Deno.test("windowStarts() gives nnU-Net's steps", () => {
  assert.deepEqual(windowStarts(110, { size: 64, overlap: 0.5 }), [0, 23, 46]);
  assert.deepEqual(windowStarts(64, { size: 64, overlap: 0.5 }), [0]);
  assert.deepEqual(windowStarts(128, { size: 64, overlap: 0 }), [0, 64]);
});

Deno.test("windowStarts() covers everything with the overlap asked for, and no window too many", () => {
  fc.assert(fc.property(
    fc.integer({ min: 2, max: 40 }),
    fc.integer({ min: 0, max: 100 }),
    fc.double({ min: 0, max: 0.95, noNaN: true }),
    (size, room, overlap) => {
      const starts = windowStarts(size + room, { size, overlap });
      assert.equal(starts[0], 0);
      assert.equal(starts.at(-1), room);
      const step = Math.max(1, size * (1 - overlap));
      // Starts are rounded to whole pixels.
      starts.slice(1).forEach((start, i) => {
        assert.ok(start > starts[i] && start - starts[i] < step + 1, `${starts}`);
      });
      assert.ok((starts.length - 2) * step < room || starts.length === 1, `${starts}`);
    },
  ));
});

Deno.test("gaussianWeights() fall off by e^-1/2 at an eighth of the side", () => {
  const size = 17;
  const weights = gaussianWeights(size);
  const at = (x: number, y: number) => weights[y * size + x];
  assert.equal(at(8, 8), 1);
  const expected = Math.exp(-((3 / (17 / 8)) ** 2 + (5 / (17 / 8)) ** 2) / 2);
  for (const [x, y] of [[11, 13], [5, 3], [13, 5]]) {
    assert.ok(Math.abs(at(x, y) / expected - 1) < 1e-6);
  }
  assert.ok(weights.every((weight) => weight > 0));
});

Deno.test("joinWindows() puts cutWindows() together again where the scan is", () => {
  fc.assert(fc.property(
    fc.integer({ min: 4, max: 24 }),
    fc.integer({ min: 4, max: 24 }),
    fc.constantFrom(4, 5, 8),
    fc.double({ min: 0, max: 0.9, noNaN: true }),
    (width, height, size, overlap) => {
      const source = random("join windows", width, height);
      const voxels = Float32Array.from({ length: width * height }, () => source.uniform());
      const image = { ...tinyVolume(voxels), shape: [width, height, 1] };
      const prepared = prepareVolume(image, { size, spacing: 1.5 }, { window: "sliding" });
      const side = prepared.grid.size;
      const windows = windowsOver(prepared, { size, overlap });
      assert.ok(windows.every(({ row, column }) => Number.isInteger(row) && column >= 0));
      const cut = cutWindows(prepared.images, windows, { size, side, channels: 1 });
      const joined = joinWindows(cut, windows, { size, side });
      // Outside the scan the slice is 0, whether a window is there or not.
      joined.forEach((value, i) => {
        assert.ok(Math.abs(value - prepared.images[i]) < 1e-6, `pixel ${i} of ${side}²`);
      });
    },
  ));
});

Deno.test("cutWindows() keeps the channels of a pixel together", () => {
  const [side, size, channels] = [5, 2, 3];
  const slice = Float32Array.from({ length: side * side * channels }, (_, i) => i);
  const cut = cutWindows(slice, [{ row: 1, column: 2 }], { size, side, channels });
  const pixels = [[1, 2], [1, 3], [2, 2], [2, 3]].map(([y, x]) => (y * side + x) * channels);
  assert.deepEqual([...cut], pixels.flatMap((at) => [at, at + 1, at + 2]));
});

Deno.test("windowsOver() leaves out what lies beside an oblong scan", () => {
  const image = { ...tinyVolume(new Int16Array(16 * 4)), shape: [16, 4, 1] };
  const prepared = prepareVolume(image, { size: 4, spacing: 1.5 }, { window: "sliding" });
  assert.deepEqual(
    windowsOver(prepared, { size: 4, overlap: 0 }),
    [0, 4, 8, 12].map((column) => ({ row: 6, column })),
  );
});
