import assert from "node:assert/strict";
import { evenFrames, takeFrame } from "../../../lib/data/volumes/frames.ts";
import { tinyVolume } from "../../support/datasets.ts";

Deno.test("takeFrame() takes one time point, and refuses to guess which", () => {
  const volume = {
    ...tinyVolume(Int16Array.from({ length: 12 }, (_, i) => i)),
    shape: [2, 2, 1, 3],
  };
  const { voxels, shape } = takeFrame(volume, 1);
  assert.deepEqual([[...voxels], shape], [[4, 5, 6, 7], [2, 2, 1]]);
  assert.throws(
    () => takeFrame(volume),
    /RangeError: tiny\.nii: .*found 3 volumes along a fourth axis/,
  );
  for (const odd of [-1, 3, 0.5]) {
    assert.throws(
      () => takeFrame(volume, odd),
      new RegExp(`RangeError: .*from 0 to 2, found ${odd}`),
    );
  }
  const flat = tinyVolume();
  assert.deepEqual(takeFrame(flat).voxels, flat.voxels);
});

Deno.test("evenFrames() spreads frames over the heart beat", () => {
  assert.deepEqual(evenFrames(30, 3), [0, 10, 20]);
  assert.deepEqual(evenFrames(5, 3), [0, 1, 3]);
  assert.deepEqual(evenFrames(3, 5), [0, 1, 2]);
  assert.deepEqual(evenFrames(7, 1), [0]);
});
