import assert from "node:assert/strict";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import type { Affine, Volume } from "../../lib/data/volumes/volume.ts";
import { random } from "../../lib/random.ts";
import { onCpu } from "../training/tiny.ts";
import { checkDataset, type DataReport } from "../../lib/data/datasets/check_data.ts";
import { withFolder } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import {
  caseConfig,
  diceOn,
  learned,
  openCase,
  SPACING,
  trainOn,
  twinScan,
  volumeOf,
  writeCohort,
} from "./cohort.ts";

const GOOD = 0.95;

Deno.test(
  "a mask stored right to left is matched by its millimetres",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/base`);
      await writeCohort(`${dir}/flipped`, { mask: (mask) => reordered(mask, ALL_ORDERS[1]) });
      const dice = await learned(`${dir}/base`);
      assert.ok(dice > GOOD, `${dice}`);
      assert.equal(await learned(`${dir}/flipped`), dice);
      const { scans: [first] } = await check(`${dir}/flipped`);
      assert.match(first.warnings.join(), /mask is stored LAS, its image RAS/);
    })
  ),
);

Deno.test(
  "scans and masks each in another of 48 orders are segmented to the same digit",
  onCpu(() =>
    withFolder(async (dir) => {
      const config = caseConfig();
      const how = { patients: 50, draw: (seed: number) => twinScan(seed % 3) };
      const shuffled = (step: number) => (volume: Volume, patient: number) =>
        patient < 2 ? volume : reordered(volume, ALL_ORDERS[(patient * step) % 48]);
      await writeCohort(`${dir}/base`, how);
      await writeCohort(`${dir}/orders`, { ...how, image: shuffled(1), mask: shuffled(7) });
      const base = await openCase(`${dir}/base`, config);
      const model = await trainOn(base, ["c0", "c1"], config);
      const patients = base.patients.map(({ id }) => id).slice(2);
      const expected = await diceOn(model, base, { patients, config });
      assert.ok(expected > GOOD, `${expected}`);
      const orders = { ...await openCase(`${dir}/orders`, config), order: base.order };
      assert.equal(await diceOn(model, orders, { patients, config }), expected);
    })
  ),
);

Deno.test(
  "oblique stacks train and segment as those without an affine",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/none`, {
        image: (volume) => volumeOf(volume.voxels, { told: false }),
        mask: (volume) => volumeOf(volume.voxels, { told: false }),
      });
      const askew = (volume: Volume, patient: number) =>
        volumeOf(volume.voxels, { affine: oblique(patient) });
      await writeCohort(`${dir}/oblique`, { image: askew, mask: askew });
      const dice = await learned(`${dir}/none`);
      assert.ok(dice > GOOD, `${dice}`);
      assert.equal(await learned(`${dir}/oblique`), dice);
    })
  ),
);

Deno.test("grid.axis takes slices across another axis", () =>
  withFolder(async (dir) => {
    await writeCohort(dir, { patients: 2 });
    const config = caseConfig("grid.axis=x");
    const [scan] = await loadCohort(await openCase(dir, config), ["c0"], {
      ...{ grid: config.grid, labelled: true },
    });
    assert.deepEqual(scan.shape, [40, 6, 40]);
    assert.deepEqual(scan.spacing.map(Math.round), [3, 8, 3]);
  }));

/** A stack whose slices lie from 20° to 70° from each axis, turned in plane at random. */
function oblique(seed: number): Affine {
  const source = random("oblique stack", seed);
  const turn = source.uniform(0, 2 * Math.PI);
  const [polar, azimuth] = [source.uniform(0.6, 1), source.uniform(0.5, 1)];
  const n = [
    Math.sin(polar) * Math.cos(azimuth),
    Math.sin(polar) * Math.sin(azimuth),
    Math.cos(polar),
  ];
  const u = [-Math.sin(azimuth), Math.cos(azimuth), 0];
  const v = [n[1] * u[2] - n[2] * u[1], n[2] * u[0] - n[0] * u[2], n[0] * u[1] - n[1] * u[0]];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const columns = [
    u.map((x, i) => cos * x + sin * v[i]),
    u.map((x, i) => cos * v[i] - sin * x),
    n,
  ];
  return [
    ...[0, 1, 2].map((row) => [
      ...columns.map((column, axis) => column[row] * SPACING[axis]),
      source.uniform(-50, 50),
    ]),
    [0, 0, 0, 1],
  ];
}

async function check(dir: string): Promise<DataReport> {
  return await checkDataset(await openCase(dir, caseConfig()));
}
