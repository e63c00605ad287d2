import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readResult } from "../../../lib/experiments/known_runs.ts";
import { crossedGroups, plannedRuns, type SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import type { SweepProgress } from "../../../lib/experiments/sweep/progress.ts";
import { runSweep } from "../../../lib/experiments/sweep/sweep.ts";
import { tuneSweep } from "../../../lib/experiments/tuning/tune_sweep.ts";
import { bestTry, readTuning, tunedPlan } from "../../../lib/experiments/tuning/tuning.ts";
import { openRun } from "../../../lib/runs/run_folder.ts";
import { withFolder } from "../../support/datasets.ts";
import { spoilTestMasks, TESTING, TRAINING, writeCohort } from "../../tasks/cohort.ts";
import { onCpu, TINY } from "../../training/tiny.ts";

const config = {
  ...TINY,
  grid: { ...TINY.grid, spacing: 2 },
  pretraining: { ...TINY.pretraining, epochs: 1, batch: 6 },
  adaptation: { ...TINY.adaptation, iterations: 4, batch: 2 },
};
const plan = {
  configs: [config],
  groups: crossedGroups([config], { strategies: ["scratch", "finetune"], patients: [1, 2, 3] }),
  seeds: [0, 1],
  tries: 3,
} satisfies SweepPlan;
const environment = { backend: "simd", deno: "2.9.6" };

/** When every file below a folder was written last. */
function times(dir: string): Record<string, number> {
  return Object.fromEntries(
    [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
      const path = `${dir}/${name}`;
      return isDirectory ? Object.entries(times(path)) : [[path, statSync(path).mtimeMs]];
    }),
  );
}

Deno.test(
  "tuneSweep() opens no test mask, goes on where it was stopped, and chooses what did best",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      const dataset = await openDataset(`${dir}/cohort`);
      const whole = await tuneSweep(dataset, plan, { out: `${dir}/whole`, environment });
      await spoilTestMasks(`${dir}/cohort`);

      // Stopped amid the second try, and again just before the end.
      const out = `${dir}/stopped`;
      for (const last of ["try 2 of 3: From scratch, 2 patients, seed 0", "try 3 of 3: "]) {
        const stop = new AbortController();
        const stopped = tuneSweep(dataset, plan, {
          ...{ out, environment, signal: stop.signal },
          onProgress: ({ stage }) => stage.startsWith(last) && stop.abort(new Error("stopped")),
        });
        await assert.rejects(stopped, { message: "stopped" });
        assert.equal(await readTuning(out), undefined);
      }
      const before = times(`${out}/tuning/try-1`);
      const seen: SweepProgress[] = [];
      const onProgress = (state: SweepProgress) => void seen.push(state);
      const tuning = await tuneSweep(dataset, plan, { out, environment, onProgress });
      assert.deepEqual(times(`${out}/tuning/try-1`), before);
      assert.ok(seen.every(({ stage }) => stage.startsWith("try 3 of 3: ")));
      assert.deepEqual(tuning, whole);
      assert.deepEqual(await readTuning(out), whole);
      // A search that is done is read.
      const again = times(out);
      assert.deepEqual(await tuneSweep(dataset, plan, { out, environment }), whole);
      assert.deepEqual(times(out), again);

      assert.ok(tuning.measured.length > 0);
      assert.ok(tuning.measured.every((id) => TRAINING.includes(id)));
      for (const { pretraining, strategy, tries, chosen } of tuning.searches) {
        assert.equal(tries.length, 3);
        const iterations = tries.map(({ set }) => set[0].split("=")[1]);
        assert.deepEqual(iterations, ["4", "8", "4"]);
        for (const [i, { dice, mean }] of tries.entries()) {
          assert.deepEqual(
            dice.map(({ patients, seed }) => [patients, seed]),
            [[1, 0], [1, 1], [2, 0], [2, 1]],
          );
          const sum = dice.reduce((sum, one) => sum + one.dice!, 0);
          assert.ok(Math.abs(sum / 4 - mean!) < 1e-12);
          const run = `${pretraining}-${strategy}-2-patients-seed-1`;
          const { info, config } = await openRun(`${out}/tuning/try-${i + 1}/runs/${run}`);
          assert.equal(`${config.adaptation.iterations}`, iterations[i]);
          assert.equal(info.status, "done");
        }
        assert.equal(tries[chosen].mean, Math.max(...tries.map(({ mean }) => mean!)));
      }

      // The sweep itself needs the test masks, and has the chosen settings.
      const tuned = tunedPlan(plan, tuning);
      await assert.rejects(runSweep(dataset, tuned, { out, environment }), /_gt\.nii\.gz/);
      await writeCohort(`${dir}/cohort`);
      const result = await runSweep(dataset, tuned, { out, environment });
      assert.deepEqual(await readResult(`${out}/result.json`), JSON.parse(JSON.stringify(result)));
      for (const run of plannedRuns(tuned)) {
        const { tries, chosen } = tuning.searches.find(({ strategy, pretraining }) =>
          strategy === run.strategy && pretraining === run.pretraining
        )!;
        const found = await openRun(
          `${out}/runs/${run.pretraining}-${run.strategy}-${run.patients}-patients-seed-${run.seed}`,
        );
        assert.deepEqual(found.config, run.config);
        const { iterations } = found.config.adaptation;
        assert.equal(`adaptation.iterations=${iterations}`, tries[chosen].set[0]);
      }
      assert.ok(result.rows.every(({ test_patients }) => test_patients === TESTING.length));
    })
  ),
);

Deno.test(
  "tuneSweep() leaves out a try that diverges, and keeps apart from other sweeps",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      const dataset = await openDataset(`${dir}/cohort`);
      const out = `${dir}/sweep`;
      // The first step leaves all bounds, but only the second one tells: the first try has one step.
      const adaptation = { ...config.adaptation, iterations: 1, scratch: { learningRate: 1e30 } };
      const wild = { ...config, adaptation };
      const groups = crossedGroups([wild], { strategies: ["scratch"], patients: [1] });
      const one = { configs: [wild], groups, seeds: [0], tries: 2 };
      const { searches: [{ tries, chosen }] } = await tuneSweep(dataset, one, { out, environment });
      assert.deepEqual(tries.map(({ mean }) => typeof mean), ["number", "object"]);
      assert.equal(chosen, 0);
      assert.ok(!existsSync(`${out}/pretraining`));
      const message = /holds a sweep of another plan or dataset/;
      await assert.rejects(tuneSweep(dataset, { ...one, tries: 3 }, { out, environment }), {
        message,
      });
      const { tries: _, ...plain } = one;
      await assert.rejects(runSweep(dataset, plain, { out, environment }), { message });
    })
  ),
);

Deno.test("tuneSweep() refuses a plan without tries, or with settings of strategies' own", () =>
  withFolder(async (dir) => {
    await writeCohort(`${dir}/cohort`);
    const dataset = await openDataset(`${dir}/cohort`);
    const tune = (plan: SweepPlan) => tuneSweep(dataset, plan, { out: `${dir}/out`, environment });
    await assert.rejects(tune({ ...plan, tries: 0 }), {
      message: "expected one try or more to search, found 0",
    });
    const tuned = [{ pretraining: "none", strategy: "scratch" as const, set: [] }];
    await assert.rejects(tune({ ...plan, tuned }), {
      message: "expected a plan without settings of strategies' own to search, found some",
    });
    assert.ok(!existsSync(`${dir}/out`));
  }));

Deno.test("bestTry() is the first of the best, and the plan's own where none has a Dice", () => {
  const best = (...means: (number | null)[]) => bestTry(means.map((mean) => ({ mean })));
  assert.equal(best(0.2, null, 0.5, 0.5), 2);
  assert.equal(best(null, 0), 1);
  assert.equal(best(null, null), 0);
});
