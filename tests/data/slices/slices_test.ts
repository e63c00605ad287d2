import assert from "node:assert/strict";
import type { PreparedVolume } from "../../../lib/data/slices/preprocess.ts";
import { digestSlices } from "../../../lib/data/slices/slice_digest.ts";
import {
  middleSlices,
  stackSlices,
  takeChannel,
  takeSlices,
} from "../../../lib/data/slices/slices.ts";

/** A volume of slices of 2 × 2 pixels, all of slice i with the value first + i. */
function volume(depth: number, first: number, labelled = true): PreparedVolume {
  const values = Array.from({ length: depth * 4 }, (_, i) => first + Math.floor(i / 4));
  return {
    images: Float32Array.from(values),
    labels: labelled ? Uint8Array.from(values) : undefined,
    depth,
    channels: 1,
    grid: { size: 2, spacing: 1 },
    centre: [0, 0],
    original: { width: 2, height: 2, spacing: [1, 1] },
    facts: { side: depth, spacing: 1, thickness: 1, means: [0.5], ranges: [[0, 1]] },
  };
}

/** The value of each slice of 2 × 2 pixels. */
const values = (pixels: Float32Array | Uint8Array) => [...pixels].filter((_, i) => i % 4 === 0);

Deno.test("stackSlices() keeps volumes and slices in order", () => {
  const stack = stackSlices([volume(2, 10), volume(1, 5)]);
  assert.deepEqual([stack.count, stack.size], [3, 2]);
  assert.deepEqual(values(stack.images), [10, 11, 5]);
  assert.deepEqual(values(stack.labels!), [10, 11, 5]);
  assert.equal(stack.images.length, 12);
});

Deno.test("stackSlices() has labels only where every volume has them", () => {
  assert.equal(stackSlices([volume(1, 0), volume(1, 0, false)]).labels, undefined);
});

Deno.test("stackSlices() refuses an empty list", () => {
  assert.throws(() => stackSlices([]), {
    name: "RangeError",
    message: "stackSlices: expected one volume or more, found none",
  });
});

/** The same with two channels: the values, and a hundred more. */
function twoChannels(depth: number, first: number): PreparedVolume {
  const one = volume(depth, first);
  const images = Float32Array.from([...one.images].flatMap((value) => [value, value + 100]));
  return { ...one, images, channels: 2 };
}

Deno.test("stackSlices() and takeSlices() keep the channels of a pixel together", () => {
  const stack = stackSlices([twoChannels(2, 10), twoChannels(1, 5)]);
  assert.deepEqual([stack.count, stack.size, stack.channels], [3, 2, 2]);
  assert.deepEqual(values(stack.labels!), [10, 11, 5]);
  const taken = takeSlices(stack, [2, 0]);
  assert.deepEqual([...taken.images.subarray(0, 4)], [5, 105, 5, 105]);
  assert.deepEqual([...taken.images.subarray(8, 10)], [10, 110]);
  assert.equal(taken.images.length, 16);
  assert.deepEqual(values(taken.labels!), [5, 10]);
  const [first, second] = [takeChannel(taken), takeChannel(taken, 1)];
  assert.deepEqual([values(first.images), values(second.images)], [[5, 10], [105, 110]]);
  assert.deepEqual([second.channels, second.labels], [1, taken.labels]);
});

Deno.test("stackSlices() refuses scans of different channels", () => {
  assert.throws(() => stackSlices([volume(1, 0), twoChannels(1, 0)]), {
    name: "RangeError",
    message: "slices: expected scans of one number of channels, found 1 and 2; leave out the " +
      "scans that differ",
  });
});

Deno.test("takeSlices() copies slices in the order of the positions, also twice", () => {
  const stack = stackSlices([volume(4, 0)]);
  const taken = takeSlices(stack, [3, 0, 3]);
  assert.deepEqual([taken.count, taken.size], [3, 2]);
  assert.deepEqual(values(taken.images), [3, 0, 3]);
  assert.deepEqual(values(taken.labels!), [3, 0, 3]);
  taken.images.fill(9);
  assert.deepEqual(values(stack.images), [0, 1, 2, 3]);
  assert.equal(takeSlices(stackSlices([volume(1, 0, false)]), [0]).labels, undefined);
});

Deno.test("digestSlices() tells slices apart by their images alone", () => {
  const digest = digestSlices(stackSlices([volume(2, 1)]));
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.equal(digestSlices(stackSlices([volume(1, 1, false), volume(1, 2)])), digest);
  assert.notEqual(digestSlices(stackSlices([volume(2, 2)])), digest);
});

Deno.test("middleSlices() takes one slice of each volume, of an even number the later", () => {
  const middles = middleSlices([volume(3, 10), volume(1, 20), volume(4, 30)]);
  assert.deepEqual(values(middles.images), [11, 20, 32]);
  assert.deepEqual(values(middles.labels!), [11, 20, 32]);
  assert.throws(() => middleSlices([]), RangeError);
});
