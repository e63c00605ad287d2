import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plannedRuns } from "../../lib/experiments/plan.ts";
import { readPlan } from "../../lib/experiments/plan_file.ts";
import {
  summariseRows,
  type SweepResult,
  type SweepSetting,
  type SweepSummary,
} from "../../lib/experiments/result.ts";
import { settingName } from "../../lib/experiments/setting_name.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}/docs/results`;
const NAMES = readdirSync(folder).filter((name) => /^[\w-]+\.json$/.test(name));

function read(name: string): SweepResult {
  return JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
}

/** A page's text with the padding of its tables taken away. */
function page(path: string): string {
  return readFileSync(`${root}/${path}`, "utf8").replaceAll(/ {2,}/g, " ");
}

/** Rows of a Markdown table: a setting's mean ± standard deviation by number of patients. */
function tableRows(summary: readonly SweepSummary[]): string[] {
  const patients = [...new Set(summary.map(({ patients }) => patients))].sort((a, b) => a - b);
  return [...Map.groupBy(summary, settingName)].map(([name, cells]) => {
    const values = patients.map((count) => {
      const cell = cells.find(({ patients }) => patients === count);
      return cell ? `${cell.dice_mean?.toFixed(3)} ± ${cell.dice_sd?.toFixed(3)}` : "";
    });
    return `| ${[name, ...values].join(" | ")} |`.replaceAll(/ {2,}/g, " ");
  });
}

for (const name of NAMES) {
  Deno.test(`docs/results/${name} sums its runs up, which are runs of its plan`, async () => {
    const { rows, summary } = read(name);
    assert.deepEqual(summary, summariseRows(rows));
    const keys = (runs: readonly (SweepSetting & { seed: number })[]) =>
      runs.map((run) => [run.pretraining, run.strategy, run.patients, run.seed].join(" "));
    const plan = await readPlan(`${folder}/${name.replace(".json", ".plan.json")}`);
    const planned = new Set(keys(plannedRuns(plan)));
    assert.deepEqual(keys(rows).filter((key) => !planned.has(key)), []);
  });

  Deno.test(`docs/results/README.md shows the numbers of ${name}`, () => {
    const text = page("docs/results/README.md");
    for (const row of tableRows(read(name).summary)) {
      assert.ok(text.includes(row), `expected the row\n${row}`);
    }
  });
}

Deno.test("README.md shows numbers of acdc-small.json", () => {
  const text = page("README.md");
  const shown = tableRows(read("acdc-small.json").summary).filter((row) => text.includes(row));
  assert.ok(shown.length >= 4, `found ${shown.length} of its rows`);
});
