import assert from "node:assert/strict";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import type { Split } from "../../lib/data/datasets/splits.ts";
import type { LoopHooks } from "../../lib/training/loop.ts";
import { recordRun } from "../../lib/runs/record_run.ts";
import { VERSION } from "../../lib/runs/provenance.ts";
import { readProvenance, readQuality, readSteps, type RunInfo } from "../../lib/runs/run_folder.ts";
import { withFolder } from "../support/datasets.ts";
import { TINY } from "../training/tiny.ts";

const dataset: Dataset = {
  name: "mine",
  root: "/mine",
  layout: "folder",
  structures: [{ label: 1, name: "LV" }],
  channels: ["T1", "T2"],
  order: { axes: "RAS", usual: "RAS", slices: 2 },
  patients: [],
  pseudonyms: new Map([["Doe", "P001"]]),
};
const split: Split = {
  schema: "pix2rep.split/1",
  dataset: "mine",
  seed: 0,
  test: ["P002"],
  pool: ["P001"],
  subsets: {},
};
const description = { kind: "pretrain", structures: [], steps: 4, probe: 2 };
const environment = { backend: "simd", deno: "2.9.6" };
const options = { dataset, split, config: TINY, description, environment };

/** Reports the steps from `first` to `last`. */
async function report(
  onSteps: NonNullable<LoopHooks["onSteps"]>,
  first: number,
  last: number,
): Promise<void> {
  for (let step = first; step <= last; step++) {
    await onSteps([{ step, loss: step, learning_rate: 0.1 }], description.steps);
  }
}

async function runInfo(dir: string): Promise<RunInfo> {
  return JSON.parse(await Deno.readTextFile(`${dir}/run.json`));
}

Deno.test("recordRun() writes the configuration, every step and the end of a run", () =>
  withFolder(async (dir) => {
    const run = `${dir}/new/run`;
    const seen: number[] = [];
    const follow = (records: { step: number }[]) => void seen.push(...records.map((r) => r.step));
    const recording = {
      ...{ ...options, onSteps: follow, slicesOf: (result: string) => `slices of ${result}` },
      environment: { ...environment, command: "deno task pretrain", adapter: "a GPU" },
    };
    const result = await recordRun(run, recording, async (onSteps) => {
      await report(onSteps, 1, 2);
      const { status, provenance } = await runInfo(run);
      assert.deepEqual([status, provenance?.ended], ["running", undefined]);
      assert.deepEqual((await readSteps(run)).map(({ step }) => step), [1, 2]);
      await report(onSteps, 3, 4);
      return "the model";
    });
    assert.equal(result, "the model");
    assert.deepEqual(seen, [1, 2, 3, 4]);
    assert.deepEqual((await readSteps(run)).map(({ step }) => step), seen);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${run}/config.json`)), TINY);
    const { schema, status, seconds, provenance, ...rest } = await runInfo(run);
    assert.deepEqual([schema, status, seconds], ["pix2rep.run/1", "done", 0]);
    assert.deepEqual(rest, {
      ...{ dataset: "mine", channels: dataset.channels, order: dataset.order, pseudonyms: true },
      ...{ ...description, ...environment },
    });
    const { began, ended, machine, ...origin } = provenance!;
    assert.deepEqual(origin, {
      ...{ version: VERSION, command: "deno task pretrain", slices: "slices of the model" },
    });
    assert.match(began, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(began <= ended! && Date.now() - Date.parse(began) < 60_000);
    assert.equal(machine.adapter, "a GPU");
    assert.equal(machine.cores, navigator.hardwareConcurrency);
    // No less than is held now, and no more than a test ever takes.
    const held = Deno.memoryUsage().rss / 1e9;
    assert.ok(machine.peak_memory_gb! > 0.5 * held && machine.peak_memory_gb! < 8);
    assert.deepEqual(await readProvenance(run), provenance);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${run}/split.json`)), split);
  }));

Deno.test("recordRun() notes an interruption, and goes on from the last checkpoint", () =>
  withFolder(async (dir) => {
    const quality = { alignment: 0.5, uniformity: -2, dead_dimensions: 0, effective_rank: 4 };
    const interrupted = recordRun(dir, options, async (onSteps, onQuality) => {
      await report(onSteps, 1, 3);
      for (const step of [2, 3]) await onQuality({ step, ...quality });
      throw new Error("stopped");
    });
    await assert.rejects(interrupted, { message: "stopped" });
    assert.equal((await runInfo(dir)).status, "interrupted");
    const began = "2026-01-01T00:00:00Z";
    const found = await runInfo(dir);
    const info = { ...found, seconds: 70, provenance: { ...found.provenance!, began } };
    const checkpoint = { tensors: {}, metadata: { step: "2" } };
    const earlier = { config: TINY, info, checkpoint };
    await recordRun(dir, { ...options, earlier }, async (onSteps, onQuality) => {
      await report(onSteps, 3, 3);
      await onQuality({ step: 3, ...quality, effective_rank: 5 });
      await report(onSteps, 4, 4);
    });
    assert.deepEqual((await readSteps(dir)).map(({ step }) => step), [1, 2, 3, 4]);
    assert.deepEqual(await readQuality(dir), [
      { step: 2, ...quality },
      { step: 3, ...quality, effective_rank: 5 },
    ]);
    const { status, seconds, provenance } = await runInfo(dir);
    assert.deepEqual([status, seconds], ["done", 70]);
    assert.equal(provenance!.began, began);
    assert.ok(provenance!.ended! > began);
  }));

Deno.test("recordRun() leaves nothing behind where the run fails before its first step", () =>
  withFolder(async (dir) => {
    const failed = recordRun(`${dir}/run`, options, () => Promise.reject(new Error("no labels")));
    await assert.rejects(failed, { message: "no labels" });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
  }));
