import assert from "node:assert/strict";
import { outlineWarning } from "../../../../lib/data/masks/outlines.ts";
import { cohortWarnings } from "../../../../lib/data/datasets/check/scan_warnings.ts";
import { ringScan, SHAPE, volumeOf } from "../../../cases/cohort.ts";

/** The mask of a ring with the outlines of some planes across an axis alone. */
function drawnIn(axis: number, planes: readonly number[]) {
  const [width, height] = SHAPE;
  const at = (i: number) => [i % width, Math.floor(i / width) % height, 0];
  const voxels = ringScan(0).labels.map((label, i) => planes.includes(at(i)[axis]) ? label : 0);
  return { ...volumeOf(voxels), voxels };
}

Deno.test("outlineWarning() tells of outlines that were drawn across the slices", () => {
  const { labels } = ringScan(0);
  assert.deepEqual(outlineWarning({ ...volumeOf(labels), voxels: labels }), []);
  for (const [axis, planes] of [[0, [16]], [0, [14, 17, 19]], [1, [22]], [1, [20, 24]]] as const) {
    assert.match(outlineWarning(drawnIn(axis, planes)).join(), /planes that cross the slices/);
  }
  // Three columns beside each other are a thing, not a drawing.
  assert.deepEqual(outlineWarning(drawnIn(0, [15, 16, 17])), []);
});

Deno.test("cohortWarnings() says once what differs in its numbers alone", () => {
  const scans = [0.9, 1, 1.1].map((share, i) => ({
    image: `c${i}`,
    warnings: [`${share} % of the voxels are NaN.`, "pixdim[2] is 0.", "pixdim[3] is 0."],
  }));
  assert.deepEqual(cohortWarnings(scans), [
    "0.9 % of the voxels are NaN. (c0 and 2 more alike)",
    "pixdim[2] is 0. (c0 and 2 more)",
    "pixdim[3] is 0. (c0 and 2 more)",
  ]);
});
