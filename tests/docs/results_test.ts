import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Config } from "../../lib/config/config.ts";
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

/** A result, and of its configurations what the pages tell. */
type Result = SweepResult & { config: { configs: Pick<Config, "loss" | "projection">[] } };

function read(name: string): Result {
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

/** The rows of the table under a heading cell; the line of dashes apart. */
function shownRows(text: string, heading: string): string[] {
  const [, table] = text.split(`| ${heading} |`, 2);
  return table.split("\n\n", 1)[0].split("\n").slice(2);
}

/** A page in one line, however its lines are broken. */
function prose(path: string): string {
  return page(path).replaceAll(/\s+/g, " ");
}

/** Mean and standard deviation of a setting, as the pages write them. */
function cell({ summary }: SweepResult, wanted: SweepSetting): string {
  const row = summary.find((one) =>
    one.pretraining === wanted.pretraining && one.strategy === wanted.strategy &&
    one.patients === wanted.patients
  );
  return `${row?.dice_mean?.toFixed(3)} ± ${row?.dice_sd?.toFixed(3)}`;
}

/** What fine-tuning from a pretraining has above training from scratch, and whether in every seed. */
function gain({ rows }: SweepResult, pretraining: string, patients: number) {
  const dice = (setting: Omit<SweepSetting, "patients">) =>
    rows.filter((row) =>
      row.pretraining === setting.pretraining && row.strategy === setting.strategy &&
      row.patients === patients
    ).toSorted((a, b) => a.seed - b.seed).map((row) => row.dice.mean ?? NaN);
  const scratch = dice({ pretraining: "none", strategy: "scratch" });
  const gains = dice({ pretraining, strategy: "finetune" }).map((value, i) => value - scratch[i]);
  const mean = gains.reduce((sum, value) => sum + value, 0) / gains.length;
  return { mean: mean.toFixed(3), always: gains.every((value) => value > 0) };
}

Deno.test("README.md shows rows of acdc-small.json and no others", () => {
  const rows = new Set(tableRows(read("acdc-small.json").summary));
  const shown = shownRows(page("README.md"), "ACDC, mean Dice");
  assert.equal(shown.length, 7);
  assert.deepEqual(shown.filter((row) => !rows.has(row)), []);
});

Deno.test("docs/results/README.md tells the numbers of hippocampus-small.json", () => {
  const result = read("hippocampus-small.json");
  const [one, five] = [1, 5].map((patients) => ({
    tuned: cell(result, { pretraining: "pix2rep-bt", strategy: "finetune", patients }),
    scratch: cell(result, { pretraining: "none", strategy: "scratch", patients }),
  }));
  const text = prose("docs/results/README.md");
  assert.ok(text.includes(`fine-tuned ${one.tuned} with one labelled patient and ${five.tuned}`));
  assert.ok(text.includes(`was not tuned, ${one.scratch} and ${five.scratch}`));
});

Deno.test("the pages tell the gains of acdc-small.json", () => {
  const result = read("acdc-small.json");
  const of = (pretraining: string, patients: number) => gain(result, pretraining, patients).mean;
  const [one, five] = [1, 5].map((n) => [of("pix2rep-bt", n), of("pix2rep", n)]);
  const text = prose("docs/results/README.md");
  for (
    const told of [
      `from \`pix2rep-bt\` gains ${one[0]} over scratch and from \`pix2rep\` ${one[1]}`,
      `with five, ${five[0]} and ${five[1]}. Every seed gains.`,
      `from 0.143 to ${one[0]} with one patient and from 0.134 to ${five[0]} with five`,
      `${of("simclr", 1)} (\`simclr\`) and ${of("bt-unet", 1)} (\`bt-unet\`) with one patient`,
    ]
  ) assert.ok(text.includes(told), `expected "${told}"`);
  assert.ok(prose("README.md").includes(`grew from 0.134 to ${five[0]}`));
  for (const name of ["pix2rep-bt", "pix2rep"]) {
    for (const n of [1, 5]) assert.ok(gain(result, name, n).always, `${name}, ${n} patients`);
  }
});

Deno.test("docs/results/README.md tells the settings in which the losses of acdc-small.json differ", () => {
  const { config } = read("acdc-small.json");
  const text = prose("docs/results/README.md");
  const told = config.configs.flatMap(({ loss, projection: { width } }) =>
    loss.name === "info-nce"
      ? [`${loss.pixels.toLocaleString("en")} pixels a step at temperature ${loss.temperature}`]
        .concat(`through a head of width ${width}`)
      : loss.name === "barlow-twins"
      ? [`compares ${loss.pixels.toLocaleString("en")} through one of ${width}`]
      : []
  );
  assert.equal(told.length, 4);
  for (const one of told) assert.ok(text.includes(one), `expected "${one}"`);
});
