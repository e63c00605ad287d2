import assert from "node:assert/strict";
import type { Config } from "../../../lib/config/config.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { splitPatients } from "../../../lib/data/datasets/splits.ts";
import { loadCohort } from "../../../lib/data/slices/cohort.ts";
import {
  crossedGroups,
  plannedStages,
  type SweepPlan,
} from "../../../lib/experiments/sweep/plan.ts";
import {
  labelledScans,
  labelledSlices,
  loadSweepData,
  type SweepData,
  sweepSplits,
} from "../../../lib/experiments/sweep/sweep_data.ts";
import { withFolder } from "../../support/datasets.ts";
import { TESTING, TRAINING, writeCohort } from "../../tasks/cohort.ts";
import { TINY } from "../../training/tiny.ts";

/** A grid that the hearts, which lie aside, do not fit into. */
const config: Config = { ...TINY, grid: { size: 6, spacing: 1.5, axis: "auto" } };
const plan: SweepPlan = {
  configs: [config],
  groups: crossedGroups([config], { strategies: ["scratch"], patients: [1, 3] }),
  seeds: [0, 1],
};

/** Runs a body with a cohort, and what the plan's stages see of it. */
async function withData(
  body: (dataset: Dataset, data: SweepData) => void | Promise<void>,
): Promise<void> {
  await withFolder(async (dir) => {
    await writeCohort(dir);
    const dataset = await openDataset(dir);
    await body(dataset, await loadSweepData(dataset, plan, { stages: plannedStages(plan) }));
  });
}

Deno.test("loadSweepData() cuts test scans as if nobody had labelled them", () =>
  withData(async (dataset, { test }) => {
    const unseen = await loadCohort(dataset, TESTING, { grid: config.grid, labelled: false });
    assert.deepEqual(test.map(({ patient }) => patient), unseen.map(({ patient }) => patient));
    test.forEach(({ slices: { labels, facts, ...slices }, reference }, i) => {
      const { volumes, ...seen } = facts;
      assert.deepEqual({ ...slices, facts: seen }, unseen[i].slices);
      assert.ok(reference && labels && volumes);
    });
  }));

Deno.test("loadSweepData() cuts labelled scans about their labels", () =>
  withData(async (dataset, { labelled }) => {
    const patients = [...new Set(labelled.map(({ patient }) => patient))];
    assert.ok(patients.every((patient) => TRAINING.includes(patient)));
    const about = { grid: config.grid, labelled: true, window: "labels" } as const;
    const expected = await loadCohort(dataset, patients, about);
    assert.deepEqual(labelled, expected);
    assert.ok(labelled.every(({ slices: { centre: [x, y] } }) => x !== 0 || y !== 0));
  }));

Deno.test("sweepSplits() draws other patients for each seed, and tests on the same", () =>
  withData((dataset) => {
    const splits = sweepSplits(dataset, plan);
    assert.deepEqual([...splits.keys()], plan.seeds);
    for (const [seed, split] of splits) {
      assert.deepEqual(split, splitPatients(dataset, { seed, sizes: [1, 3] }));
      assert.deepEqual(split.test, TESTING);
    }
    assert.notDeepEqual(splits.get(0)!.subsets, splits.get(1)!.subsets);
  }));

Deno.test("labelledScans() and labelledSlices() are those of the run's own seed and number", () =>
  withData((_, data) => {
    const found = plannedStages(plan).flatMap(({ run }) => {
      if (!run) return [];
      const patients = new Set(labelledScans(data, run).map(({ patient }) => patient));
      const subset = data.splits.get(run.seed)!.subsets[run.patients];
      assert.deepEqual([...patients].sort(), subset.toSorted());
      // ED and ES, of three slices each.
      assert.equal(labelledSlices(data, run).slices.count, 6 * run.patients);
      return [`${[...patients]}`];
    });
    assert.equal(new Set(found).size, found.length);
  }));
