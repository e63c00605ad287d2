import assert from "node:assert/strict";
import { PRESETS } from "../../../lib/config/presets.ts";
import {
  crossedGroups,
  plannedStages,
  type SweepPlan,
} from "../../../lib/experiments/sweep/plan.ts";
import { stageDone, stageList, sweepState } from "../../../lib/experiments/sweep/stages.ts";
import { withFolder } from "../../support/datasets.ts";

const configs = [PRESETS["pix2rep-small"], PRESETS["pix2rep-bt-small"]];
const plan: SweepPlan = {
  configs,
  groups: crossedGroups(configs, { strategies: ["scratch", "finetune"], patients: [1] }),
  seeds: [0, 3],
};

/** A row as a run leaves it. */
function row(folder: string, dice: number) {
  const [, pretraining, strategy, seed] = folder.match(/(none|pix2rep(?:-bt)?)-(\w+)-1-.*-(\d)$/)!;
  const averages = <T>(mean: T) => ({ LV: mean, mean });
  return {
    ...{ pretraining, strategy, patients: 1, seed: Number(seed), dice: averages(dice) },
    ...{ hd95_mm: averages(null), assd_mm: averages(3.5), missed: 1, test_patients: 2 },
  };
}

/** Leaves a stage as it is when it is done, or as it was stopped. */
function leave(out: string, folder: string, { status = "done" } = {}): void {
  Deno.mkdirSync(`${out}/${folder}/checkpoint`, { recursive: true });
  const info = { schema: "pix2rep.run/1", kind: "pretrain", status, dataset: "x", structures: [] };
  const text = JSON.stringify({ ...info, steps: 1, backend: "simd", deno: "2.9.6", seconds: 1 });
  Deno.writeTextFileSync(`${out}/${folder}/run.json`, text);
  Deno.writeTextFileSync(`${out}/${folder}/checkpoint/model.safetensors`, "");
  if (!folder.startsWith("runs/") || status !== "done") return;
  Deno.writeTextFileSync(`${out}/${folder}/row.json`, JSON.stringify(row(folder, 0.5)));
}

Deno.test("stageList() lists each stage with its number, its folder and what it needs", () => {
  const { schema, dataset, stages } = stageList(plan, "hearts");
  assert.deepEqual([schema, dataset], ["pix2rep.stages/1", "hearts"]);
  const short = (folder: string) => folder.replace(/^runs\/(.*)-1-patients-seed-/, "$1 ");
  assert.deepEqual(stages.map(({ id, folder, after }) => [id, short(folder), ...after]), [
    [0, "none-scratch 0"],
    [1, "none-scratch 3"],
    [2, "pretraining/pix2rep"],
    [3, "pix2rep-finetune 0", 2],
    [4, "pix2rep-finetune 3", 2],
    [5, "pretraining/pix2rep-bt"],
    [6, "pix2rep-bt-finetune 0", 5],
    [7, "pix2rep-bt-finetune 3", 5],
  ]);
  assert.equal(stages[2].title, "pretraining pix2rep");
  assert.equal(stages[4].title, "Fine-tuned, pix2rep, 1 patient, seed 3");
});

Deno.test("plannedStages() numbers stages alike, whichever are wanted", () => {
  const wanted = plannedStages(plan, (run) => run.pretraining === "pix2rep-bt" && run.seed === 3);
  assert.deepEqual(wanted.map(({ id }) => id), [5, 7]);
  assert.deepEqual(wanted, plannedStages(plan).filter(({ id }) => id === 5 || id === 7));
});

Deno.test("sweepState() takes for done what left its row, or a pretraining's last checkpoint", () =>
  withFolder(async (out) => {
    const stages = plannedStages(plan);
    const ids = async (known?: Parameters<typeof sweepState>[2]) => {
      const { rows, left } = await sweepState(out, plan, known);
      return [rows.length, left.map(({ id }) => id)];
    };
    assert.deepEqual(await ids(), [0, [0, 1, 2, 3, 4, 5, 6, 7]]);
    for (const { id, folder } of stages) {
      if ([1, 2, 4].includes(id)) leave(out, folder);
      if ([3, 5].includes(id)) leave(out, folder, { status: "interrupted" });
    }
    assert.deepEqual(await ids(), [2, [0, 3, 5, 6, 7]]);
    Deno.removeSync(`${out}/pretraining/pix2rep/checkpoint/model.safetensors`);
    assert.deepEqual(await ids(), [2, [0, 2, 3, 5, 6, 7]]);
    const known = new Map([6, 7].map((id) => [stages[id].folder, row(stages[id].folder, 0.7)]));
    assert.deepEqual(await ids(known), [4, [0, 2, 3]]);
    Deno.writeTextFileSync(`${out}/${stages[1].folder}/row.json`, "{");
    const damaged = {
      name: "SyntaxError",
      message: /seed-3\/row\.json: .*; remove it, and the run/,
    };
    await assert.rejects(ids(), damaged);
    await assert.rejects(stageDone(out, stages[1]), damaged);
  }));
