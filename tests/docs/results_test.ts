/** Every table of results in the pages, recomputed from docs/results. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { plannedRuns } from "../../lib/experiments/sweep/plan.ts";
import { parseConfig } from "../../lib/config/parse_config.ts";
import { readPlan } from "../../lib/experiments/sweep/plan_file.ts";
import { summariseRows, type SweepSetting } from "../../lib/experiments/result.ts";
import { pages, root } from "./commands.ts";
import { page, readResult, tableOf } from "./results.ts";

const RESULTS = readdirSync(`${root}/docs/results`)
  .filter((name) => name.endsWith(".json") && !name.endsWith(".plan.json"));

/** The first cells of the tables of docs/results/README.md. */
const TITLES: Record<string, string> = {
  "acdc-auto.json": "ACDC, planned, mean Dice",
  "acdc-small.json": "ACDC, mean Dice",
  "demo.json": "demo, mean Dice",
  "hippocampus-small.json": "hippocampus, mean Dice",
};

for (const name of RESULTS) {
  Deno.test(`docs/results/${name} has every run of its plan, and sums them up`, () => {
    const { config, rows, summary } = readResult(name);
    const keys = (runs: readonly (SweepSetting & { seed: number })[]) =>
      runs.map((run) => [run.pretraining, run.strategy, run.patients, run.seed].join(" ")).sort();
    assert.deepEqual(keys(rows), keys(plannedRuns(config)));
    assert.deepEqual(summary, summariseRows(rows));
  });
}

for (const name of ["acdc-small", "acdc-auto", "hippocampus-small"]) {
  Deno.test(`docs/results/${name}.json is of the plan beside it`, async () => {
    const { config } = readResult(`${name}.json`);
    const plan = await readPlan(`${root}/docs/results/${name}.plan.json`);
    // Settings that are younger than the results are as they were without them.
    const configs = config.configs.map((one) => parseConfig(one, name));
    assert.deepEqual(plan, { ...config, configs });
  });
}

Deno.test("the tables of results in all pages show every row of docs/results, and no others", () => {
  assert.deepEqual(Object.keys(TITLES).sort(), RESULTS.sort());
  const tables = new Map(
    pages().map((path) => [path, tablesOf(page(path))] as const)
      .filter(([, tables]) => tables.length > 0),
  );
  assert.deepEqual([...tables.keys()].sort(), ["README.md", "docs/results/README.md"]);
  assert.deepEqual(
    tables.get("docs/results/README.md"),
    ["acdc-small.json", "acdc-auto.json", "hippocampus-small.json", "demo.json"].map(shown),
  );
  assert.deepEqual(tables.get("README.md"), [shown("acdc-auto.json")]);
});

/** A result's table. */
function shown(name: string): string[] {
  return inOrder(tableOf(TITLES[name], readResult(name).summary));
}

/** A table's heading, then its rows by name, in whatever order a page has them. */
function inOrder([heading, ...rows]: string[]): string[] {
  return [heading, ...rows.sort()];
}

/** The tables of a page that show means with a spread, without their lines of dashes. */
function tablesOf(text: string): string[][] {
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table)
    .filter((table) => table.includes("±"))
    .map((table) => table.trimEnd().split("\n").filter((_, i) => i !== 1)).map(inOrder);
}
