import assert from "node:assert/strict";
import { backboneDivisor } from "../../lib/config/backbone.ts";
import type { Config } from "../../lib/config/config.ts";
import { structureAcross } from "../../lib/plan/outline_size.ts";
import { outlineReach, reachOf } from "../../lib/plan/outline_size.ts";
import { planFor } from "../../lib/plan/plan.ts";
import type { CohortSurvey } from "../../lib/plan/survey.ts";

const hearts: CohortSurvey = {
  ...{ patients: 80, scans: 160, channels: 1, pixel: 1.5, extent: 380, slices: 1500 },
  ...{ pictures: false, hounsfield: false },
  outlines: {
    ...{ patients: 10, reach: 72, intensities: [26, 370] },
    structures: [{ name: "MYO", across: 14 }, { name: "LV", across: 48 }],
  },
};

Deno.test("planFor() chooses a grid that holds what is outlined, six pixels to the thinnest", () => {
  const { grid, backbone } = planFor(hearts).config;
  assert.ok(grid.size * grid.spacing >= 2 * 72 * 1.1);
  assert.ok(14 / grid.spacing >= 6);
  assert.equal(grid.size % backboneDivisor(backbone.widths), 0);
});

Deno.test("planFor() takes no finer pixels than the scans have", () => {
  const coarse = planFor({ ...hearts, pixel: 4 }).config.grid;
  assert.equal(coarse.spacing, 4);
});

Deno.test("planFor() shows whole scans where nothing is outlined", () => {
  const { grid } = planFor({ ...hearts, outlines: undefined }).config;
  assert.ok(grid.size * grid.spacing >= 380);
});

Deno.test("planFor() goes by what is set: the rest suits it", () => {
  const set = ["grid.spacing=4", "pretraining.epochs=3"];
  const { config, lines } = planFor(hearts, { set, seed: 7 });
  assert.deepEqual([config.grid.spacing, config.pretraining.epochs, config.seed], [4, 3, 7]);
  assert.ok(config.grid.size * 4 >= 2 * 72 * 1.1 && config.grid.size * 4 < 2 * 72 * 1.1 + 8 * 4);
  assert.match(lines[0].because, /grid\.spacing=4 is yours$/);
  const wide = planFor(hearts, { set: ["backbone.widths=[8,16,32,64,64,64]"] }).config;
  assert.equal(wide.grid.size % 32, 0);
});

Deno.test("planFor() has the same settings for the same survey, and none that parseConfig refuses", () => {
  assert.deepEqual(planFor(hearts), planFor(structuredClone(hearts)));
  for (const reach of [1, 17, 72, 190]) {
    for (const across of [0.5, 3, 30]) {
      const outlines = { ...hearts.outlines!, reach, structures: [{ name: "a", across }] };
      for (const slices of [5, 1500, 200_000]) planFor({ ...hearts, outlines, slices });
    }
  }
});

Deno.test("planFor() turns views as far as scans are turned, and flips pictures alone", () => {
  const turned = planFor({ ...hearts, turned: 0.2 }).config;
  assert.deepEqual(turned.views.spatial.rotation, [-0.55, 0.55]);
  assert.equal(turned.views.spatial.flip, false);
  assert.deepEqual(turned.adaptation.views.spatial.rotation, [-0.55, 0.55]);
  const pictures = planFor({ ...hearts, pictures: true }).config;
  assert.deepEqual([pictures.views, pictures.adaptation.views].map(({ spatial }) => spatial.flip), [
    true,
    true,
  ]);
});

Deno.test("planFor() cuts a window out of Hounsfield units, about what is outlined", () => {
  const outlines = { ...hearts.outlines!, intensities: [40, 90] as [number, number] };
  assert.deepEqual(
    planFor({ ...hearts, hounsfield: true, outlines }).config.data.window,
    [-85, 215],
  );
  assert.equal(
    planFor({ ...hearts, hounsfield: true, outlines: undefined }).config.data.window,
    "percentiles",
  );
});

/** A mask of one slice, drawn in characters. */
function drawn(rows: string[], spacing: number[]) {
  const voxels = Uint8Array.from(rows.join(""), (c) => c === "." ? 0 : Number(c));
  return { voxels, shape: [rows[0].length, rows.length, 1], spacing };
}

Deno.test("structureAcross() is the width of a strip, the diameter of a disc, up to the edge", () => {
  const strip = drawn(["......", "111111", "111111", "111111", "......"], [2, 2, 5]);
  assert.equal(structureAcross(strip, 1), 6);
  assert.equal(structureAcross(strip, 2), undefined);
  const point = drawn(["...", ".1.", "..."], [2, 2, 5]);
  assert.equal(structureAcross(point, 1), 2);
  const full = drawn(["111", "111", "111"], [2, 2, 5]);
  assert.equal(structureAcross(full, 1), 6);
});

Deno.test("outlineReach() measures from the middle of the slice to a voxel's far side", () => {
  const mask = drawn(["1..2.", ".....", "..1..", "....."], [1, 2, 5]);
  assert.deepEqual(outlineReach(mask, 1), [{ mm: 4, voxels: 1 }, { mm: 2, voxels: 1 }]);
  assert.equal(reachOf(outlineReach(mask, 1), 0.5), 2);
  assert.equal(reachOf(outlineReach(mask, 1), 0.99), 4);
  assert.deepEqual(outlineReach(mask, 3), []);
  assert.equal(reachOf([], 0.99), 0);
});

Deno.test("planFor() holds what is outlined in scans that are larger than most", () => {
  const { grid } = planFor({ ...hearts, extent: 100 }).config;
  assert.ok(grid.size * grid.spacing >= 2 * 72);
});

/** Slices of a step of each kind. */
function adaptationBatches(
  { batch, meanTeacher, weakToStrong }: Config["adaptation"],
): number[] {
  return [batch, meanTeacher.batch, weakToStrong.batch];
}

Deno.test("planFor() fits batches into memory, and networks to slices, whatever the grid", () => {
  for (const across of [0.5, 2, 3, 5, 8, 14]) {
    for (const reach of [20, 72, 120, 190]) {
      const outlines = { ...hearts.outlines!, reach, structures: [{ name: "a", across }] };
      const { grid, backbone, pretraining, adaptation } =
        planFor({ ...hearts, pixel: 0.3, outlines }).config;
      const lowest = grid.size / backboneDivisor(backbone.widths);
      assert.ok(lowest >= 5 && lowest <= 13, `${grid.size}: ${lowest}`);
      // 16 slices of 96 × 96 pixels take 3.3 GiB of the 4 that the CPU has.
      const most = 1.15 * 16 * 96 ** 2;
      for (const batch of [pretraining.batch, ...adaptationBatches(adaptation)]) {
        assert.ok(batch === 1 || batch * grid.size ** 2 <= most, `${batch} of ${grid.size}`);
      }
    }
  }
  const { pretraining, adaptation } = planFor(hearts).config;
  assert.deepEqual([pretraining.batch, ...adaptationBatches(adaptation)], [16, 8, 8, 12]);
});
