import assert from "node:assert/strict";
import { checkDataset, type DataReport } from "../../lib/data/datasets/check/check_data.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { labelledSlicesOf, loadCohort } from "../../lib/data/slices/cohort.ts";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import type { Affine, Volume } from "../../lib/data/volumes/volume.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import { random } from "../../lib/math/random.ts";
import { withFolder } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { onCpu } from "../training/tiny.ts";
import {
  caseConfig,
  diceOn,
  openCase,
  ringModel,
  SPACING,
  TESTED,
  trainOn,
  twinScan,
  volumeOf,
  writeCohort,
} from "./cohort.ts";

const GOOD = 0.95;

/** Expects a folder of rings to teach and to be segmented, to the last bit, as a plain one is. */
async function expectSame(dir: string, plain: string): Promise<void> {
  const config = caseConfig();
  const [found, expected] = [await openCase(dir, config), await openCase(plain, config)];
  const taught = async (dataset: Dataset) => {
    const how = { grid: config.grid, labelled: true, window: "labels" } as const;
    return labelledSlicesOf(await loadCohort(dataset, ["c1", "c3"], how)).slices;
  };
  assert.deepEqual(await taught(found), await taught(expected));
  const { model, dice } = await ringModel();
  const patients = TESTED.map((seed) => `c${seed}`);
  assert.equal(await diceOn(model, found, { patients, config }), dice);
}

Deno.test(
  "a mask stored right to left is matched by its millimetres",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/base`, { patients: 4 });
      const mask = (mask: Volume) => reordered(mask, ALL_ORDERS[1]);
      await writeCohort(`${dir}/flipped`, { patients: 4, mask });
      await expectSame(`${dir}/flipped`, `${dir}/base`);
      const { scans: [first] } = await check(`${dir}/flipped`);
      assert.match(first.warnings.join(), /mask is stored LAS, its image RAS/);
    })
  ),
);

Deno.test(
  "scans and masks each in another of 48 orders are segmented to the same digit",
  onCpu(() =>
    withFolder(async (dir) => {
      const config = caseConfig("adaptation.batch=6");
      const draw = (seed: number) => twinScan(seed % 3);
      const shuffled = (step: number) => (volume: Volume, patient: number) =>
        patient < 2 ? volume : reordered(volume, ALL_ORDERS[(patient * step) % 48]);
      await writeCohort(`${dir}/base`, { draw });
      const how = { patients: 50, draw, image: shuffled(1), mask: shuffled(7) };
      await writeCohort(`${dir}/orders`, how);
      const base = await openCase(`${dir}/base`, config);
      const model = await trainOn(base, ["c0", "c1"], config);
      const { grid, inference } = config;
      /** The drawing and the Dice of each structure of all but those who are learned from. */
      const diceOf = async (dataset: Dataset) => {
        const patients = dataset.patients.map(({ id }) => id)
          .filter((id) => !["c0", "c1"].includes(id));
        const scans = await loadCohort(dataset, patients, {
          grid,
          labelled: true,
          window: inference.window,
        });
        const records = await evaluateModel(model, scans, { ...dataset, inference });
        return records.map(({ patient, structure, dice }) => ({
          twin: `${Number(patient.slice(1)) % 3}, ${structure}`,
          dice,
        }));
      };
      const expected = await diceOf(base);
      const mean = expected.reduce((sum, { dice }) => sum + dice!, 0) / 6;
      assert.ok(mean > GOOD, `${mean}`);
      const orders = { ...await openCase(`${dir}/orders`, config), order: base.order };
      const found = await diceOf(orders);
      assert.equal(found.length, 96);
      for (const { twin, dice } of found) {
        assert.equal(dice, expected.find((one) => one.twin === twin)?.dice, twin);
      }
    })
  ),
);

Deno.test(
  "oblique stacks train and segment as those without an affine",
  onCpu(() =>
    withFolder(async (dir) => {
      const untold = ({ voxels }: Volume) => volumeOf(voxels, { told: false });
      await writeCohort(`${dir}/base`, { patients: 4 });
      await writeCohort(`${dir}/none`, { patients: 4, image: untold, mask: untold });
      const askew = (volume: Volume, patient: number) =>
        volumeOf(volume.voxels, { affine: oblique(patient) });
      await writeCohort(`${dir}/oblique`, { patients: 4, image: askew, mask: askew });
      for (const one of ["none", "oblique"]) await expectSame(`${dir}/${one}`, `${dir}/base`);
    })
  ),
);

Deno.test("grid.axis takes slices across another axis", () =>
  withFolder(async (dir) => {
    await writeCohort(dir, { patients: 2 });
    const config = caseConfig("grid.axis=x");
    const [scan] = await loadCohort(await openCase(dir, config), ["c0"], {
      grid: config.grid,
      labelled: true,
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
