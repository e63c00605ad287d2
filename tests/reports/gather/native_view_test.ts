import assert from "node:assert/strict";
import { IGNORED } from "../../../lib/data/masks/labels.ts";
import {
  MOST_SCANS,
  type NativeScan,
  nativeView,
  nativeViews,
  shownText,
  turned,
} from "../../../lib/reports/gather/native_view.ts";

const [WIDTH, HEIGHT, DEPTH] = [60, 50, 12];
const at = (x: number, y: number, z: number) => (z * HEIGHT + y) * WIDTH + x;

/** A scan whose voxels tell their place, with a box of labels in each of both masks. */
function scan({ empty = false } = {}): NativeScan {
  const length = WIDTH * HEIGHT * DEPTH;
  const [prediction, reference] = [new Uint8Array(length), new Uint8Array(length)];
  if (!empty) {
    for (let z = 3; z < 8; z++) prediction[at(20, 30, z)] = 2;
    for (let z = 5; z < 9; z++) reference[at(39, 30, z)] = 1;
    // One within what is shown, and one without, which makes the box no larger.
    reference[at(21, 31, 5)] = reference[at(0, 0, 0)] = IGNORED;
  }
  const voxels = Float32Array.from({ length }, (_, i) => i);
  return {
    ...{ patient: "p", phase: "ED", prediction, reference },
    shape: [WIDTH, HEIGHT, DEPTH],
    spacing: [1, 2.5, 8],
    channels: [voxels, voxels.map((value) => length - value)],
    scale: [0, length],
  };
}

Deno.test("nativeView() cuts to what either mask outlines, with a margin, at native resolution", () => {
  const view = nativeView(scan(), Infinity);
  // 20 to 39 across, which gives a margin of 8 at least on either side; one slice beyond either end.
  assert.deepEqual([view.width, view.height, view.aspect, view.depth], [36, 17, 2.5, 12]);
  assert.deepEqual(view.numbers, [2, 3, 4, 5, 6, 7, 8, 9]);
  const pixel = (x: number, y: number, slice: number) => (slice * 17 + y) * 36 + x;
  const [mask, reference] = [view.predictions[0], view.reference!];
  assert.equal(mask[pixel(8, 8, 1)], 2);
  assert.equal(reference[pixel(27, 8, 3)], 1);
  assert.equal(mask.reduce((sum, label) => sum + Math.sign(label)), 5);
  assert.equal(reference.reduce((sum, label) => sum + Math.sign(label)), 4);
  const length = WIDTH * HEIGHT * DEPTH;
  const place = at(12, 22, 2);
  assert.ok(Math.abs(view.images[0] - place / length) < 1e-6);
  assert.ok(Math.abs(view.images[1] - (1 - place / length)) < 1e-6);
});

Deno.test("nativeView() takes slices evenly within its room, and one at least", () => {
  assert.deepEqual(nativeView(scan(), 36 * 17 * 4).numbers, [3, 5, 7, 9]);
  assert.equal(nativeView(scan(), 1).numbers.length, 1);
});

Deno.test("nativeView() shows all of a scan in which nothing is outlined", () => {
  const view = nativeView(scan({ empty: true }), Infinity);
  assert.deepEqual([view.width, view.height, view.numbers.length], [WIDTH, HEIGHT, DEPTH]);
});

Deno.test("nativeViews() shares the room of a page among its scans, and bounds it", async () => {
  let most = 0;
  let read = 0;
  const big = 1500;
  const views = await nativeViews(1000, (patient) => {
    read++;
    const length = big * big * 2;
    const prediction = new Uint8Array(length);
    return Promise.resolve({
      ...{ patient: `${patient}`, phase: "", prediction, scale: "percentiles" as const },
      ...{ shape: [big, big, 2], spacing: [1, 1, 1], channels: [new Uint8Array(length)] },
    });
  });
  for (const { images } of views) most += images.length;
  assert.ok(most <= 4_000_000 && views.length === 1 && read === 2, `${most} of ${views.length}`);
  const small = await nativeViews(1000, () => Promise.resolve(scan()));
  assert.equal(small.length, MOST_SCANS);
  assert.match(
    shownText(small, new Array(1000).fill(DEPTH)),
    /^480 of 12000 slices are here, of 60 of 1000 scans: the others are left out/,
  );
  assert.equal(
    shownText([nativeView(scan({ empty: true }), Infinity)], [DEPTH]),
    "All slices are here.",
  );
});

Deno.test("turned() turns images and masks alike", () => {
  const flipped = { axes: [0, 1, 2], flipped: [true, true, false] };
  const { channels: [image], prediction, reference } = turned(scan(), flipped);
  const found = prediction.indexOf(2);
  assert.equal(found, at(WIDTH - 1 - 20, HEIGHT - 1 - 30, 3));
  assert.equal(image[found], at(20, 30, 3));
  assert.equal(reference!.indexOf(1), at(WIDTH - 1 - 39, HEIGHT - 1 - 30, 5));
});

Deno.test("nativeView() tells where the edges lie, of scans that know it", () => {
  const sides = { left: "R", right: "L", top: "A", bottom: "P" };
  assert.deepEqual(nativeView({ ...scan(), sides }, Infinity).sides, sides);
  assert.ok(!("sides" in nativeView(scan(), Infinity)));
});
