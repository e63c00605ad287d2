import assert from "node:assert/strict";
import { reordered } from "../../../lib/data/volumes/axis_map.ts";
import { orderNotes } from "../../../lib/data/datasets/scan_notes.ts";
import type { Affine, Volume } from "../../../lib/data/volumes/volume.ts";
import { cohortOrder } from "../../../lib/data/volumes/voxel_order.ts";
import { RAS, ringScan, volumeOf } from "../../cases/cohort.ts";
import { ALL_ORDERS } from "../../support/orders.ts";

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

Deno.test("orderNotes() tells of a mirrored scan though the cohort stays as stored", () => {
  const cohort = [straight, straight, mirrored, askew, askew, askew];
  const order = cohortOrder(cohort);
  assert.equal(order.axes, "stored");
  assert.deepEqual(cohort.map((one) => orderNotes(one, order).length), [0, 0, 1, 0, 0, 0]);
  assert.match(orderNotes(mirrored, order)[0], /^Stored LAS, others RAS; left so, /);
});

Deno.test("orderNotes() leaves a cohort in peace that lies askew but for a few", () => {
  const cohort = [straight, mirrored, ...Array<Volume>(8).fill(askew)];
  const order = cohortOrder(cohort);
  assert.equal(order.axes, "stored");
  assert.deepEqual(cohort.flatMap((one) => orderNotes(one, order)), []);
});

Deno.test("orderNotes() tells of a scan whose slices show another view", () => {
  // The same 40 × 40 × 6 voxels, but the long ones lie from left to right.
  const affine: Affine = [[0, 0, 8, 0], [3.2, 0, 0, 0], [0, 3.2, 0, 0], [0, 0, 0, 1]];
  const sagittal = volumeOf(straight.voxels, { affine });
  const order = cohortOrder([straight, straight, sagittal]);
  const notes = orderNotes(sagittal, order);
  assert.match(
    notes.join(),
    /from left to right, others. from foot to head: they show another view/,
  );
  assert.deepEqual(orderNotes(straight, order), []);
  assert.doesNotMatch(orderNotes(sagittal, { ...order, fixed: true }).join(), /another view/);
});

Deno.test("orderNotes() tells that scans without an affine cannot be compared", () => {
  const silent = volumeOf(straight.voxels, { told: false });
  const order = cohortOrder([silent, silent]);
  assert.match(orderNotes(mirrored, order).join(), /^Stored LAS, but .* make sure that they are/);
  assert.deepEqual(orderNotes(silent, order), []);
  assert.deepEqual(orderNotes(mirrored, { ...order, untold: undefined }), []);
});
