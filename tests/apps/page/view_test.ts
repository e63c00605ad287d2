import assert from "node:assert/strict";
import { viewOf } from "../../../apps/page/view.ts";
import { reordered } from "../../../lib/data/volumes/axis_map.ts";
import type { VoxelOrder } from "../../../lib/data/volumes/voxel_order.ts";
import { RAS, SHAPE, volumeOf } from "../../cases/cohort.ts";
import { ALL_ORDERS } from "../../support/orders.ts";

const order: VoxelOrder = { axes: "RAS", usual: "RAS", slices: 2 };
const [width, height, depth] = SHAPE;
const length = width * height * depth;

/** One voxel, at the patient's right and front in the lowest slice. */
const spot = (width - 1) + (height - 1) * width;
const image = Float32Array.from({ length }, (_, i) => i === spot ? 9 : i % 7);
const mask = Uint8Array.from({ length }, (_, i) => i === spot ? 1 : 0);

Deno.test("viewOf() shows the patient's right on the left, the front above, from any order", () => {
  for (const map of ALL_ORDERS) {
    const [scan, labels] = [image, mask].map((voxels) => reordered(volumeOf(voxels), map));
    const view = viewOf([scan], Uint8Array.from(labels.voxels), { order });
    assert.deepEqual(view.shape, SHAPE);
    assert.deepEqual(view.spacing.map((mm) => mm.toFixed(1)), ["3.2", "3.2", "8.0"]);
    assert.equal(view.mask.indexOf(1), 0);
    assert.equal(view.pictures[0][0], 255);
  }
});

Deno.test("viewOf() leaves a scan as stored where nothing tells of the patient", () => {
  const scan = volumeOf(image, { affine: RAS, told: false });
  for (const stored of [undefined, { ...order, axes: "stored", usual: "" } as const]) {
    assert.equal(viewOf([scan], mask, { order: stored }).mask.indexOf(1), spot);
  }
});

Deno.test("viewOf() shows the time point of the mask, and what is no number as black", () => {
  const frames = Float32Array.from({ length: 2 * length }, (_, i) => i < length ? 0 : i % 7);
  frames[length] = NaN;
  const scan = { ...volumeOf(frames), shape: [...SHAPE, 2] };
  const { pictures: [picture] } = viewOf([scan], mask, { frame: 1 });
  assert.equal(picture.length, length);
  assert.equal(picture[0], 0);
  assert.ok(picture.includes(255));
});
