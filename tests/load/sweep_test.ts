/** Planning and collecting a sweep of ten thousand runs, as many as a plan may have. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { PRESETS } from "../../lib/config/presets.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { plannedStages, type SweepPlan } from "../../lib/experiments/sweep/plan.ts";
import { jobArrays } from "../../lib/experiments/cluster/slurm.ts";
import { collectSweep, prepareSweep } from "../../lib/experiments/sweep/sweep_folder.ts";
import { withFolder } from "../support/datasets.ts";

const structures = ["LV", "MYO", "RV"].map((name, i) => ({ label: i + 1, name }));
const dataset: Dataset = {
  name: "hearts",
  root: ".",
  layout: "folder",
  structures,
  patients: Array.from({ length: 20 }, (_, i) => ({
    id: `patient${i}`,
    group: "",
    part: i < 15 ? "training" as const : "testing" as const,
    scans: [{ image: `${i}.nii.gz`, mask: `${i}_mask.nii.gz` }],
  })),
};

const configs = Array.from({ length: 10 }, (_, i) => ({
  ...PRESETS["pix2rep-small"],
  preset: `pretraining${i}`,
}));
const plan: SweepPlan = {
  configs,
  groups: [{
    pretrainings: configs.map(({ preset }) => preset),
    strategies: ["probe", "finetune"],
    patients: [1, 2, 3, 5, 10],
  }],
  seeds: [...Array(100).keys()],
};

/** Runs something, and tells its seconds and the most MB of heap above those of its beginning. */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ value: T; seconds: number; mb: number }> {
  const before = Deno.memoryUsage().heapUsed;
  let most = before;
  const sample = () => void (most = Math.max(most, Deno.memoryUsage().heapUsed));
  const timer = setInterval(sample, 10);
  const started = performance.now();
  const value = await work();
  const seconds = (performance.now() - started) / 1000;
  sample();
  clearInterval(timer);
  return { value, seconds, mb: (most - before) / 2 ** 20 };
}

Deno.test("10,000 runs are planned and collected in seconds, in little more than their rows", () =>
  withFolder(async (dir) => {
    const out = `${dir}/sweep`;
    const planning = await measured(() => prepareSweep(dataset, plan, { out }));
    const stages = planning.value;
    assert.equal(stages.filter(({ run }) => run).length, 10_000);
    const { stages: listed } = JSON.parse(Deno.readTextFileSync(`${out}/plan.json`));
    assert.equal(listed.length, 10_010);
    const arrays = await measured(() => Promise.resolve(jobArrays(stages)));
    assert.equal(arrays.value.flatMap(({ indices }) => indices).length, 10_010);

    const averages = (mean: number) => ({ LV: mean, MYO: mean / 2, RV: mean / 3, mean });
    for (const { folder, run } of stages) {
      if (!run) continue;
      const { pretraining, strategy, patients, seed } = run;
      const row = {
        pretraining,
        strategy,
        patients,
        seed,
        missed: 0,
        test_patients: 5,
        backend: "simd",
        dice: averages(1 / (seed + 1)),
        hd95_mm: averages(seed),
        assd_mm: averages(seed / 7),
      };
      await mkdir(`${out}/${folder}`, { recursive: true });
      await writeFile(`${out}/${folder}/row.json`, JSON.stringify(row, null, 2));
    }
    const collecting = await measured(() => collectSweep(dataset, plan, { out }));
    assert.equal(collecting.value?.rows.length, 10_000);
    assert.equal(collecting.value.summary.length, 100);
    const mb = Deno.statSync(`${out}/result.json`).size / 2 ** 20;
    const told = (name: string, { seconds, mb }: { seconds: number; mb: number }) =>
      `${name} ${seconds.toFixed(1)} s, ${mb.toFixed(0)} MB`;
    console.log(
      `${told("planned in", planning)}; ${told("collected in", collecting)}; ` +
        `result.json has ${mb.toFixed(1)} MB`,
    );
    assert.ok(planning.seconds < 20, `${planning.seconds} s`);
    assert.ok(collecting.seconds < 20, `${collecting.seconds} s`);
    // The rows, the text that is made of them, and what waits to be collected as garbage.
    assert.ok(collecting.mb < 60, `${collecting.mb} MB`);

    // One that is not the last finds out at once.
    Deno.removeSync(`${out}/${plannedStages(plan)[1].folder}/row.json`);
    const early = await measured(() => collectSweep(dataset, plan, { out }));
    assert.equal(early.value, undefined);
    assert.ok(early.seconds < 5, `${early.seconds} s`);
  }));
