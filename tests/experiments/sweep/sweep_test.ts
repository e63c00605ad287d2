import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Config } from "../../../lib/config/config.ts";
import { loadCohort } from "../../../lib/data/slices/cohort.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { readNifti } from "../../../lib/data/volumes/nifti_read.ts";
import { writeNifti } from "../../../lib/data/volumes/nifti_write.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import {
  crossedGroups,
  plannedRuns,
  runFolder,
  type SweepPlan,
} from "../../../lib/experiments/sweep/plan.ts";
import { splitPatients } from "../../../lib/data/datasets/splits.ts";
import type { SweepProgress } from "../../../lib/experiments/sweep/progress.ts";
import { runSweep } from "../../../lib/experiments/sweep/sweep.ts";
import { openRun, readSteps } from "../../../lib/runs/run_folder.ts";
import { withFolder } from "../../support/datasets.ts";
import { assertAlike, diceOfMetrics } from "../../support/dice.ts";
import { writeCohort } from "../../tasks/cohort.ts";
import { onCpu, TINY } from "../../training/tiny.ts";

const config = {
  ...TINY,
  grid: { ...TINY.grid, spacing: 2 },
  pretraining: { ...TINY.pretraining, epochs: 1, batch: 6 },
  adaptation: { ...TINY.adaptation, iterations: 11, batch: 2 },
};
const plan: SweepPlan = {
  configs: [config],
  groups: crossedGroups([config], { strategies: ["scratch", "finetune"], patients: [1, 2] }),
  seeds: [0, 1],
};
const environment = { backend: "simd", deno: "2.9.6" };

const root = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
await writeCohort(`${root}/cohort`);
const cohort = await openDataset(`${root}/cohort`);

/** Runs a body with a cohort of eight, and a folder to write to. */
function withCohort(body: (dataset: Dataset, dir: string) => Promise<void>): () => Promise<void> {
  return onCpu(() => withFolder((dir) => body(cohort, dir)));
}

Deno.test(
  "runSweep() runs the plan, and what it has done already it reads",
  withCohort(async (dataset, dir) => {
    const out = `${dir}/sweep`;
    const progress: SweepProgress[] = [];
    const onProgress = (state: SweepProgress) => void progress.push(state);
    const result = await runSweep(dataset, plan, { out, environment, onProgress });

    const written = await Deno.readTextFile(`${out}/result.json`);
    assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(result)));
    assert.equal(result.schema, "pix2rep.sweep/1");
    assert.equal(result.dataset, dataset.name);
    const planned = plannedRuns(plan);
    assert.deepEqual(result.rows.map(runFolder).sort(), planned.map(runFolder).sort());
    for (const { dice, test_patients, ...run } of result.rows) {
      assert.deepEqual(Object.keys(dice), [
        ...dataset.structures.map(({ name }) => name),
        "mean",
      ]);
      const metrics = await Deno.readTextFile(`${out}/${runFolder(run)}/metrics.csv`);
      assertAlike(dice, diceOfMetrics(metrics));
      assert.equal(test_patients, 2);
    }
    assert.deepEqual(result.summary.map(({ n }) => n), [2, 2, 2, 2]);

    for (const folder of ["pretraining/tiny", ...planned.map(runFolder)]) {
      const { info } = await openRun(`${out}/${folder}`);
      assert.equal(info.status, "done");
      assert.equal((await readSteps(`${out}/${folder}`)).length, info.steps);
    }
    const parts = planned.length + 1;
    assert.deepEqual(
      [...new Set(progress.map(({ part }) => part))],
      [...Array(parts).keys()].map(
        (i) => i + 1,
      ),
    );
    assert.ok(progress.every((state) => state.parts === parts && state.fraction <= 1));

    const config = await Deno.stat(`${out}/${runFolder(planned[0])}/config.json`);
    await Deno.remove(`${out}/result.json`);
    assert.deepEqual(await runSweep(dataset, plan, { out, environment }), result);
    assert.equal(await Deno.readTextFile(`${out}/result.json`), written);
    const again = await Deno.stat(`${out}/${runFolder(planned[0])}/config.json`);
    assert.deepEqual(again.mtime, config.mtime);

    // Of a version that did not have these settings yet.
    const claim = await Deno.readTextFile(`${out}/config.json`);
    const earlier = claim.replaceAll(/,\s*"(mirror|fillHoles)": false/g, "");
    assert.ok(earlier.length < claim.length);
    await Deno.writeTextFile(`${out}/config.json`, earlier);
    assert.deepEqual(await runSweep(dataset, plan, { out, environment }), result);

    const other = { ...plan, seeds: [0, 2] };
    await assert.rejects(runSweep(dataset, other, { out, environment }), {
      message: `${out}: holds a sweep of another plan or dataset; choose another folder, or the ` +
        "options that it was started with to continue it",
    });
    assert.equal(await Deno.readTextFile(`${out}/result.json`), written);
  }),
);

Deno.test(
  "runSweep() takes over what an earlier result holds of the same settings, and only that",
  withCohort(async (dataset, dir) => {
    const few = { ...plan, groups: [{ ...plan.groups[1], patients: [1] }], seeds: [0] };
    const more = { ...few, groups: [{ ...plan.groups[1], patients: [1, 2] }] };
    const known = await runSweep(dataset, few, { out: `${dir}/few`, environment });
    const marked = { ...known, rows: known.rows.map((row) => ({ ...row, missed: 77 })) };
    const run = (name: string, plan: SweepPlan, earlier = marked) =>
      runSweep(dataset, plan, { out: `${dir}/${name}`, environment, known: earlier });
    const missed = ({ rows }: { rows: { missed: number }[] }) => rows.map(({ missed }) => missed);

    const extended = await run("more", more);
    assert.equal(missed(extended)[0], 77);
    assert.notEqual(missed(extended)[1], 77);
    const whole = await runSweep(dataset, more, { out: `${dir}/whole`, environment });
    assert.deepEqual(extended.rows[1], whole.rows[1]);

    const done = await run("done", few);
    assert.deepEqual(missed(done), [77]);
    assert.deepEqual(
      JSON.parse(await Deno.readTextFile(`${dir}/done/result.json`)).rows,
      done.rows,
    );
    assert.ok(!existsSync(`${dir}/done/pretraining`));

    const warnings: string[] = [];
    const elsewhere = {
      ...marked,
      rows: marked.rows.map((row) => ({ ...row, backend: "webgpu" })),
    };
    const { rows } = await runSweep(dataset, few, {
      ...{ out: `${dir}/elsewhere`, environment, known: elsewhere },
      onWarning: (warning) => warnings.push(warning),
    });
    assert.deepEqual(rows.map(({ backend }) => backend), ["webgpu"]);
    assert.match(warnings.join("\n"), /1 of 1 known runs were computed on webgpu, not on simd: /);

    const longer = { ...config, adaptation: { ...config.adaptation, iterations: 12 } };
    assert.notDeepEqual(missed(await run("longer", { ...few, configs: [longer] })), [77]);
    assert.notDeepEqual(missed(await run("other", few, { ...marked, dataset: "other" })), [77]);
  }),
);

Deno.test(
  "runSweep() warns of labels that the grid cuts off before the first run",
  withCohort(async (dataset, dir) => {
    const grid = { ...config.grid, spacing: 0.5 };
    const close = { ...plan, configs: [{ ...config, grid }], seeds: [0] };
    const controller = new AbortController();
    const warnings: string[] = [];
    const interrupted = runSweep(dataset, close, {
      ...{ out: `${dir}/sweep`, environment, signal: controller.signal },
      onWarning: (warning) => warnings.push(warning),
      onProgress: () => controller.abort(),
    });
    await assert.rejects(interrupted, { name: "AbortError" });
    assert.match(warnings[0], /\.nii\.gz: \d+ % of the labelled volume fits into .* of 0\.5 mm/);
  }),
);

Deno.test(
  "runSweep() teaches on all training patients, tests the teacher and notes its student",
  withCohort(async (dataset, dir) => {
    const out = `${dir}/sweep`;
    const taught: SweepPlan = {
      ...plan,
      groups: crossedGroups([config], {
        strategies: ["mean-teacher", "in-context"],
        patients: [1],
      }),
      seeds: [0],
    };
    const { rows } = await runSweep(dataset, taught, { out, environment });
    assert.deepEqual(rows.map(({ pretraining, strategy }) => [pretraining, strategy]), [
      ["none", "mean-teacher"],
      ["tiny", "mean-teacher"],
      ["tiny", "in-context"],
    ]);
    for (const [i, run] of plannedRuns(taught).entries()) {
      const folder = `${out}/${runFolder(run)}`;
      const summary = JSON.parse(await Deno.readTextFile(`${folder}/summary.json`));
      assert.equal(rows[i].dice.mean, summary.mean.dice);
      assert.equal(summary.student !== undefined, run.strategy === "mean-teacher");
      assert.notDeepEqual(summary.student, summary.mean);
      assert.equal((await openRun(folder)).info.steps, run.strategy === "in-context" ? 0 : 11);
    }
  }),
);

Deno.test(
  "runSweep() interrupted anywhere and continued gives the same result",
  withCohort(async (dataset, dir) => {
    const groups = plan.groups.map((group) => ({ ...group, patients: [1] }));
    const short = { ...plan, seeds: [0], groups };
    const expected = await runSweep(dataset, short, { out: `${dir}/whole`, environment });
    const out = `${dir}/interrupted`;
    const reason = new Error("stopped");
    for (const stage of ["From scratch", "pretraining tiny", "Fine-tuned"]) {
      const controller = new AbortController();
      const onProgress = (state: SweepProgress) => {
        if (state.stage.startsWith(stage) && state.loss !== undefined) controller.abort(reason);
      };
      const { signal } = controller;
      const interrupted = runSweep(dataset, short, { out, environment, onProgress, signal });
      await assert.rejects(interrupted, reason);
    }
    assert.deepEqual(await runSweep(dataset, short, { out, environment }), expected);
    for (const name of ["pretraining/tiny", runFolder(plannedRuns(short)[1])]) {
      const steps = (dir: string) => readSteps(`${dir}/${name}`);
      assert.deepEqual(await steps(out), await steps(`${dir}/whole`));
    }
  }),
);

Deno.test(
  "runSweep() pretrains on cines too, and infers as configured",
  withCohort(async (dataset, dir) => {
    const [{ scans: [{ image }] }] = dataset.patients;
    const scan = await readNifti(image);
    const cine = `${dataset.root}/cine.nii.gz`;
    const voxels = Int16Array.from([...scan.voxels, ...scan.voxels, ...scan.voxels]);
    await writeNifti(cine, voxels, { ...scan, shape: [...scan.shape, 3] });
    const patients = dataset.patients.map((patient) => ({ ...patient, cine }));
    const changed: Config = {
      ...config,
      preset: "cines",
      pretraining: { ...config.pretraining, cineFrames: 2, batch: 1 },
      inference: {
        window: "sliding",
        overlap: 0.5,
        largestComponent: true,
        fillHoles: false,
        mirror: false,
      },
    };
    const run = {
      configs: [changed],
      groups: crossedGroups([changed], { strategies: ["finetune"], patients: [1] }),
      seeds: [0],
    };
    const out = `${dir}/sweep`;
    const { rows } = await runSweep(
      { ...dataset, patients },
      run,
      { out, environment },
    );
    assert.equal(rows.length, 1);
    const { pool } = splitPatients(dataset, { sizes: [1] });
    const grid = changed.grid;
    const scans = await loadCohort(dataset, pool, { grid, labelled: false });
    const slices = scans.reduce((sum, { slices }) => sum + slices.depth, 0);
    const { info } = await openRun(`${out}/pretraining/cines`);
    assert.equal(info.steps, slices + pool.length * 2 * scan.shape[2]);
  }),
);

Deno.test("runSweep() refuses what cannot be run before it writes anything", () =>
  withFolder(async (dir) => {
    const out = `${dir}/sweep`;
    const patients = ["a", "b", "c"].map((id) => ({
      id,
      group: "",
      part: "training" as const,
      scans: [{ image: `${dir}/${id}.nii.gz`, mask: `${dir}/${id}_gt.nii.gz` }],
    }));
    const structures = [{ label: 1, name: "LV" }];
    const dataset: Dataset = { name: "mine", root: dir, layout: "folder", structures, patients };
    const cases: [Partial<SweepPlan>, RegExp][] = [
      [
        { groups: plan.groups.map((group) => ({ ...group, patients: [99] })) },
        /from 1 to 2.* found 99$/,
      ],
      [{ seeds: [] }, /expected one or more different seeds, found none$/],
      [{}, /\.nii\.gz: no such file$/],
    ];
    for (const [part, message] of cases) {
      const sweep = runSweep(dataset, { ...plan, ...part }, { out, environment });
      await assert.rejects(sweep, (error: Error) => {
        assert.match(error.message, message);
        return true;
      });
    }
    const alone = { ...dataset, patients: patients.slice(0, 1) };
    const sizes = plan.groups.map((group) => ({ ...group, patients: [1] }));
    await assert.rejects(runSweep(alone, { ...plan, groups: sizes }, { out, environment }), {
      message: "mine: expected two patients with masks or more, one of them to test on, found one",
    });
    await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
  }));
