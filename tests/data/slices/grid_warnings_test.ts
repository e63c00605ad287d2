import assert from "node:assert/strict";
import type { CohortScan } from "../../../lib/data/slices/cohort.ts";
import {
  cutLabelWarnings,
  pretrainedGridWarning,
  wideGridWarning,
} from "../../../lib/data/slices/grid_warnings.ts";
import { prepareVolume } from "../../../lib/data/slices/preprocess.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import { tinyVolume } from "../../support/datasets.ts";

/** A scan of 40 × 30 pixels of a size, labelled in a square of a side about its centre. */
function scan(pixel: number, grid: { size: number; spacing: number }, side = 4): CohortScan {
  const shape = [40, 30, 1];
  const labels = Uint8Array.from({ length: 1200 }, (_, i) => {
    const [x, y] = [i % 40 - 20, Math.floor(i / 40) - 15];
    return Math.max(Math.abs(x + 0.5), Math.abs(y + 0.5)) < side / 2 ? 1 : 0;
  });
  const volume = (voxels: Volume["voxels"]): Volume => ({
    ...tinyVolume(voxels),
    shape,
    spacing: [pixel, pixel, 5],
  });
  return {
    patient: "a",
    group: "",
    phase: "",
    image: "a.nii",
    reference: labels,
    shape,
    warnings: [],
    spacing: [pixel, pixel, 5],
    slices: prepareVolume(volume(Float32Array.from(labels)), grid, {
      mask: { ...volume(labels), voxels: labels },
    }),
  };
}

Deno.test("wideGridWarning() suggests a spacing where the scans fill little of the grid", () => {
  const wide = { size: 64, spacing: 2.5 };
  assert.deepEqual(wideGridWarning([scan(1, wide)], wide), [
    "the scans are 40 mm wide, the grid 160 mm (64 × 64 pixels of 2.5 mm), so that structures are " +
    "a few pixels small; grid.spacing=1 suits them better",
  ]);
  // Pixels finer than that are kept from being thrown away.
  assert.match(wideGridWarning([scan(0.5, wide)], wide)[0], /; grid\.spacing=0\.5 /);
  assert.deepEqual(wideGridWarning([scan(3, wide)], wide), []);
});

Deno.test("pretrainedGridWarning() tells of a pretraining's grid that does not suit the scans", () => {
  const warned = (pixel: number, grid: { size: number; spacing: number }) =>
    pretrainedGridWarning([scan(pixel, grid)], grid);
  const anew = "the grid is the pretraining's: pretrain anew, on these scans";
  const wide = { size: 64, spacing: 2.5 };
  assert.deepEqual(warned(1, wide), [
    `${wideGridWarning([scan(1, wide)], wide)[0]}, but ${anew}`,
  ]);
  const narrow = { size: 16, spacing: 2 };
  assert.deepEqual(warned(0.4, { size: 8, spacing: 2 }), [
    `the scans have pixels of 0.4 mm, the grid 8 × 8 pixels of 2 mm, far coarser; ${anew}`,
  ]);
  assert.match(warned(7, narrow)[0], /^the scans have pixels of 7 mm, .* far finer; /);
  // A heart's scans of 1.4 to 1.8 mm on the presets' grids, and hippocampi at 1 mm.
  for (const [pixel, spacing] of [[1.4, 2], [1.8, 2.5], [1, 1], [5, 2]]) {
    assert.deepEqual(warned(pixel, { size: 16, spacing }), []);
  }
});

Deno.test("cutLabelWarnings() names the scans whose labels do not fit into the grid", () => {
  const grid = { size: 16, spacing: 1 };
  const [small, large] = [scan(1, grid, 10), scan(1, grid, 28)];
  assert.deepEqual(cutLabelWarnings([small], grid), []);
  assert.deepEqual(cutLabelWarnings([small, { ...large, image: "b.nii" }], grid), [
    "b.nii: 33 % of the labelled volume fits into 16 × 16 pixels of 1 mm; " +
    "choose other labelled patients or a larger grid",
  ]);
});
