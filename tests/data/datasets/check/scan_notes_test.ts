import assert from "node:assert/strict";
import { reordered } from "../../../../lib/data/volumes/axis_map.ts";
import { noteIntensities, orderNotes } from "../../../../lib/data/datasets/check/scan_notes.ts";
import type { Affine, Volume } from "../../../../lib/data/volumes/volume.ts";
import { cohortOrder } from "../../../../lib/data/volumes/voxel_order.ts";
import { RAS, ringScan, volumeOf } from "../../../cases/cohort.ts";
import { ALL_ORDERS } from "../../../support/orders.ts";

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

Deno.test("noteIntensities() tells of few whole values, each of many voxels: of masks", () => {
  const notes = (values: number, voxels: ArrayLike<number>) => {
    const scan = volumeOf(Float32Array.from(voxels));
    noteIntensities(scan);
    assert.ok(
      scan.warnings.every((warning) => warning.startsWith(`The image has ${values} values`)),
    );
    return scan.warnings.length;
  };
  const cycling = (values: number, count: number) =>
    Array.from({ length: count }, (_, i) => i % values);
  assert.equal(notes(3, straight.voxels), 1);
  assert.equal(notes(32, cycling(32, 1600)), 1);
  assert.equal(notes(33, cycling(33, 3300)), 0);
  assert.equal(notes(32, cycling(32, 1599)), 0);
  assert.equal(notes(4, cycling(4, 1600).map((value) => value / 2)), 0);
});
