import assert from "node:assert/strict";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { splitPatients, writeSplit } from "../../../lib/data/datasets/splits.ts";
import { digestSource } from "../../../lib/data/slices/slice_source.ts";
import {
  namedPretrainings,
  sliceDifference,
} from "../../../lib/experiments/sweep/finished_pretrainings.ts";
import { crossedGroups, type SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import type { Run } from "../../../lib/runs/run_folder.ts";
import { makePretraining } from "../../../lib/runs/make_run.ts";
import { pretrainingSteps } from "../../../lib/training/pretrain.ts";
import { withFolder } from "../../support/datasets.ts";
import { writeCohort } from "../../tasks/cohort.ts";
import { onCpu, TINY, tinySlices, unlabelled } from "../../training/tiny.ts";

const config = { ...TINY, pretraining: { ...TINY.pretraining, epochs: 1 } };

Deno.test("sliceDifference() tells other slices, and another number of steps", () => {
  const slices = unlabelled(tinySlices(6));
  const steps = pretrainingSteps(slices.count, config.pretraining);
  const run = (slices: string, steps: number) =>
    ({ info: { steps }, checkpoint: { tensors: {}, metadata: { slices } } }) as unknown as Run;
  const digest = digestSource(slices);
  assert.equal(sliceDifference(run(digest, steps), slices, config), undefined);
  assert.match(sliceDifference(run("other", steps), slices, config)!, /^its slices, /);
  assert.equal(
    sliceDifference(run(digest, steps + 1), slices, config),
    `its steps: expected ${steps}, found ${steps + 1}`,
  );
});

Deno.test(
  "namedPretrainings() takes a run of the plan's patients alone",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      const dataset = await openDataset(`${dir}/cohort`);
      const plan: SweepPlan = {
        configs: [config],
        groups: crossedGroups([config], { strategies: ["probe"], patients: [1] }),
        seeds: [3],
      };
      const split = splitPatients(dataset, { seed: 7, sizes: [1, 2] });
      const run = `${dir}/run`;
      const environment = { backend: "simd", deno: "2.9.6" };
      await makePretraining(run, unlabelled(tinySlices(6)), {
        dataset,
        split,
        config,
        environment,
      });
      const found = await namedPretrainings(dataset, plan, [run]);
      assert.deepEqual([...found], [["tiny", { folder: run, named: true }]]);

      const differing = (pattern: RegExp) =>
        assert.rejects(namedPretrainings(dataset, plan, [run]), { message: pattern });
      await writeSplit(`${run}/split.json`, { ...split, pool: split.pool.slice(1), subsets: {} });
      await differing(/ it differs in its training patients$/);
      await Deno.remove(`${run}/split.json`);
      assert.equal((await namedPretrainings(dataset, plan, [run])).size, 1);
      const ordered = { ...dataset, order: undefined };
      await assert.rejects(namedPretrainings(ordered, plan, [run]), {
        message: / differs in order/,
      });
    })
  ),
);
