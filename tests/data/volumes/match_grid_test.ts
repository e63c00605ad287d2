import assert from "node:assert/strict";
import { reordered } from "../../../lib/data/volumes/axis_map.ts";
import { onGridOf } from "../../../lib/data/volumes/match_grid.ts";
import { geometryOf } from "../../../lib/data/formats/grid.ts";
import type { Affine, Volume } from "../../../lib/data/volumes/volume.ts";
import { tinyMask, tinyVolume } from "../../support/datasets.ts";
import { ALL_ORDERS } from "../../support/orders.ts";

const image = tinyVolume();
const mask = tinyVolume(tinyMask(2));

/** The mask with another affine. */
function placed(affine: Affine): Volume {
  return { ...mask, affine, geometry: geometryOf(affine, mask.shape) };
}

const moved = (by: number) => placed(image.affine.map((row) => row.with(3, row[3] + by)));

Deno.test("onGridOf() brings a mask in any of 48 orders onto its image's in any", () => {
  for (const [i, order] of ALL_ORDERS.entries()) {
    const scan = reordered(image, ALL_ORDERS[(5 * i + 3) % 48]);
    const expected = reordered(mask, ALL_ORDERS[(5 * i + 3) % 48]);
    const found = onGridOf(reordered(mask, order), scan, "mask");
    assert.deepEqual([found.voxels, found.shape], [expected.voxels, expected.shape]);
  }
  assert.equal(onGridOf(mask, image, "mask"), mask);
});

Deno.test("onGridOf() tells of masks that are stored otherwise, or lie a little aside", () => {
  const flipped = onGridOf(reordered(mask, ALL_ORDERS[1]), image, "mask");
  assert.deepEqual(flipped.warnings, [
    "The mask is stored LAS, its image RAS; they are matched in mm.",
  ]);
  assert.match(
    onGridOf(moved(0.3), image, "mask").warnings.join(),
    /^The mask lies up to 0\.5196 mm/,
  );
});

Deno.test("onGridOf() matches as stored where an affine says nothing, and says so", () => {
  const silent = { ...mask, geometry: { ...mask.geometry, sformCode: 0 } };
  const identity = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  for (const one of [{ ...silent, affine: identity }, placed(identity)]) {
    const found = onGridOf(one, image, "mask");
    assert.deepEqual(found.voxels, mask.voxels);
    assert.match(found.warnings.join(), /affine is not its image's; voxels are matched as stored/);
  }
});

Deno.test("onGridOf() matches the identity as stored where millimetres do not fit", () => {
  const identity = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  // Voxels of 1 mm, so that the identity does not contradict their size.
  const cube = { ...image, spacing: [1, 1, 1] as const };
  const at = (affine: Affine, volume: Volume) => ({
    ...volume,
    spacing: cube.spacing,
    affine,
    geometry: geometryOf(affine, cube.shape),
  });
  const lps = [[-1, 0, 0, 90], [0, -1, 0, 126], [0, 0, 1, -72], [0, 0, 0, 1]];
  const found = onGridOf(at(identity, mask), at(lps, image), "mask");
  assert.deepEqual(found.voxels, mask.voxels);
  assert.match(found.warnings.join(), /voxels are matched as stored/);
  // Where they fit, they count: the mask is the image's, turned about z.
  const turned = [[-1, 0, 0, 3], [0, -1, 0, 2], [0, 0, 1, 0], [0, 0, 0, 1]];
  const brought = onGridOf(at(turned, mask), at(identity, image), "mask");
  assert.deepEqual(brought.voxels, reordered(mask, ALL_ORDERS[3]).voxels);
});

Deno.test("onGridOf() refuses grids that differ by more than flips and swaps, with both", () => {
  const scaled = placed(image.affine.map((row) => row.map((value) => 2 * value)));
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const turned = placed([
    [1.5 * c, -1.5 * s, 0, 10],
    [1.5 * s, 1.5 * c, 0, 20],
    [0, 0, 8, 30],
    [0, 0, 0, 1],
  ]);
  const other = { ...mask, shape: [3, 4, 2] };
  for (const one of [moved(4), scaled, turned, other]) {
    assert.throws(() => onGridOf(one, image, "mask"), {
      name: "RangeError",
      message: /^tiny\.nii: expected the grid of its image, 4 × 3 × 2 voxels .*, found .* from \(/,
    });
  }
});
