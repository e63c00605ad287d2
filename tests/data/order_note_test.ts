import assert from "node:assert/strict";
import { reordered } from "../../lib/data/axis_map.ts";
import { orderNote } from "../../lib/data/read_scan.ts";
import type { Affine, Volume } from "../../lib/data/volume.ts";
import { cohortOrder } from "../../lib/data/voxel_order.ts";
import { RAS, ringScan, volumeOf } from "../cases/cohort.ts";
import { ALL_ORDERS } from "../support/orders.ts";

const straight = volumeOf(ringScan(0).labels);
const mirrored = reordered(straight, ALL_ORDERS[1]);

/** A stack that lies in the middle between two axes of the patient. */
const askew: Volume = (() => {
  const c = Math.SQRT1_2;
  const affine: Affine = [
    RAS[0].map((value, i) => c * (value - RAS[1][i])),
    RAS[0].map((value, i) => c * (value + RAS[1][i])),
    RAS[2],
    RAS[3],
  ];
  return volumeOf(straight.voxels, { affine });
})();

Deno.test("orderNote() tells of a mirrored scan though the cohort stays as stored", () => {
  const cohort = [straight, straight, mirrored, askew, askew, askew];
  const order = cohortOrder(cohort);
  assert.equal(order.axes, "stored");
  assert.deepEqual(cohort.map((one) => orderNote(one, order).length), [0, 0, 1, 0, 0, 0]);
  assert.match(orderNote(mirrored, order)[0], /^Stored LAS, others RAS; left so, /);
});

Deno.test("orderNote() leaves a cohort in peace that lies askew but for a few", () => {
  const cohort = [straight, mirrored, ...Array<Volume>(8).fill(askew)];
  const order = cohortOrder(cohort);
  assert.equal(order.axes, "stored");
  assert.deepEqual(cohort.flatMap((one) => orderNote(one, order)), []);
});

Deno.test("orderNote() tells of a scan whose slices show another view", () => {
  // The same 40 × 40 × 6 voxels, but the long ones lie from left to right.
  const affine: Affine = [[0, 0, 8, 0], [3.2, 0, 0, 0], [0, 3.2, 0, 0], [0, 0, 0, 1]];
  const sagittal = volumeOf(straight.voxels, { affine });
  const order = cohortOrder([straight, straight, sagittal]);
  const notes = orderNote(sagittal, order);
  assert.match(notes.join(), /left to right, not foot to head\): its slices show another view/);
  assert.deepEqual(orderNote(straight, order), []);
  assert.doesNotMatch(orderNote(sagittal, { ...order, fixed: true }).join(), /another view/);
});

Deno.test("orderNote() tells that scans without an affine cannot be compared", () => {
  const silent = volumeOf(straight.voxels, { told: false });
  const order = cohortOrder([silent, silent]);
  assert.match(orderNote(mirrored, order).join(), /^Stored LAS, but .* make sure that they are/);
  assert.deepEqual(orderNote(silent, order), []);
  assert.deepEqual(orderNote(mirrored, { ...order, untold: undefined }), []);
});
