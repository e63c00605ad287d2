import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { plannedRuns } from "../../../lib/experiments/sweep/plan.ts";
import { readPlan } from "../../../lib/experiments/sweep/plan_file.ts";
import { withFolder } from "../../support/datasets.ts";

const content = {
  schema: "pix2rep.plan/1",
  presets: ["pix2rep-small", "pix2rep-bt-small"],
  set: ["grid.spacing=2"],
  groups: [
    { pretrainings: ["none"], strategies: ["scratch"], patients: [1, 2] },
    { pretrainings: ["pix2rep-bt"], strategies: ["finetune"], patients: [1] },
  ],
  seeds: [0, 1],
};

Deno.test("readPlan() reads groups, presets and changes", () =>
  withFolder(async (dir) => {
    const path = `${dir}/plan.json`;
    Deno.writeTextFileSync(path, JSON.stringify(content));
    const plan = await readPlan(path, { set: ["adaptation.iterations=7"] });
    assert.deepEqual(plan.groups, content.groups);
    assert.equal(plannedRuns(plan).length, 6);
    for (const { grid, adaptation } of plan.configs) {
      assert.deepEqual([grid.spacing, adaptation.iterations], [2, 7]);
    }
  }));

Deno.test("readPlan() gives a preset changes of its own after those of all", () =>
  withFolder(async (dir) => {
    const path = `${dir}/plan.json`;
    const presets = content.presets.map((name, i) => ({
      name,
      set: [`pretraining.epochs=${i + 3}`],
    }));
    const set = [...content.set, "pretraining.epochs=2"];
    Deno.writeTextFileSync(path, JSON.stringify({ ...content, presets, set }));
    const { configs } = await readPlan(path);
    const found = configs.map(({ grid, pretraining: { epochs } }) => [grid.spacing, epochs]);
    assert.deepEqual(found, presets.map((_, i) => [2, i + 3]));
  }));

Deno.test("readPlan() reads settings of a strategy's own", () =>
  withFolder(async (dir) => {
    const path = `${dir}/plan.json`;
    const set = ["adaptation.iterations=77"];
    const tuned = [{ pretraining: "pix2rep-bt", strategy: "finetune", set }];
    Deno.writeTextFileSync(path, JSON.stringify({ ...content, tuned }));
    const runs = plannedRuns(await readPlan(path, { set: ["adaptation.iterations=7"] }));
    assert.deepEqual(
      runs.map(({ strategy, config }) => [strategy, config.adaptation.iterations]),
      runs.map(({ strategy }) => [strategy, strategy === "finetune" ? 77 : 7]),
    );
  }));

Deno.test("readPlan() says what is wrong with a plan", () =>
  withFolder(async (dir) => {
    const path = `${dir}/plan.json`;
    const cases: [object, RegExp][] = [
      [{ schema: "pix2rep.plan/9" }, /plan\.json.*schema/],
      [{ presets: ["pix2rep-smal"] }, /did you mean pix2rep-small\?/],
      [{ groups: [{ ...content.groups[0], strategies: ["scrach"] }] }, /plan\.json.*scrach/],
      [{ seeds: [] }, /expected one or more different seeds/],
    ];
    for (const [change, message] of cases) {
      Deno.writeTextFileSync(path, JSON.stringify({ ...content, ...change }));
      await assert.rejects(readPlan(path), { message });
    }
    await assert.rejects(readPlan(`${dir}/none.json`), { message: /none\.json: no such file/ });
  }));

Deno.test("readPlan() takes every plan of docs/results", async () => {
  const folder = new URL("../../../docs/results/", import.meta.url);
  const files = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".plan.json"));
  assert.ok(files.length > 0);
  for (const { name } of files) {
    const plan = await readPlan(fileURLToPath(new URL(name, folder)));
    assert.ok(plannedRuns(plan).length > 10, name);
  }
});
