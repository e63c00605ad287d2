/** Results that are committed, and how the pages write them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Config } from "../../lib/config/config.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import type { SweepPlan } from "../../lib/experiments/sweep/plan.ts";
import type { SweepResult, SweepSetting, SweepSummary } from "../../lib/experiments/result.ts";
import { settingName } from "../../lib/experiments/setting_name.ts";
import { root } from "./commands.ts";

/** A result with the plan that it was run by. */
export type Result = SweepResult & { config: SweepPlan };

/** A result of docs/results; settings that are younger than it have the values they are born with. */
export function readResult(name: string): Result {
  const result = JSON.parse(readFileSync(`${root}/docs/results/${name}`, "utf8"));
  const { data, grid, inference } = resolveConfig("pix2rep-small");
  const configs = result.config.configs.map((config: Partial<Config>) => ({
    data,
    ...config,
    grid: { ...grid, ...config.grid },
    inference: { ...inference, ...config.inference },
  }));
  return { ...result, config: { ...result.config, configs } };
}

/** A page's text with the padding of its tables taken away. */
export function page(path: string): string {
  return readFileSync(`${root}/${path}`, "utf8").replaceAll(/ {2,}/g, " ");
}

/** A setting in short: "pix2rep-bt finetune". */
export function keyOf({ pretraining, strategy }: Omit<SweepSetting, "patients">): string {
  return `${pretraining} ${strategy}`;
}

/** A table in Markdown: a setting's mean ± standard deviation by number of patients. */
export function tableOf(title: string, summary: readonly SweepSummary[]): string[] {
  const patients = [...new Set(summary.map(({ patients }) => patients))].sort((a, b) => a - b);
  const heads = patients.map((count) => `${count} patient${count === 1 ? "" : "s"}`);
  const rows = [...Map.groupBy(summary, settingName)].map(([name, cells]) => {
    const values = patients.map((count) => {
      const cell = cells.find(({ patients }) => patients === count);
      return cell ? meanAndSpread(cell) : "";
    });
    return [name, ...values];
  });
  return [[title, ...heads], ...rows].map((row) => `| ${row.join(" | ")} |`.replaceAll("  ", " "));
}

/** Mean and standard deviation as the pages write them. */
export function meanAndSpread({ dice_mean, dice_sd }: SweepSummary): string {
  return `${dice_mean?.toFixed(3)} ± ${dice_sd?.toFixed(3)}`;
}

/** What a result says of a setting, such as "pix2rep-bt finetune" with five patients. */
export function summaryOf({ summary }: SweepResult, key: string, patients: number): SweepSummary {
  const found = summary.find((one) => keyOf(one) === key && one.patients === patients);
  assert.ok(found, `no ${key} of ${patients}`);
  return found;
}

/** The mean Dice of a setting. */
export function diceOf(result: SweepResult, key: string, patients: number): number {
  return summaryOf(result, key, patients).dice_mean!;
}

/** The mean Dice of each run of a setting, by seed. */
export function seedsOf({ rows }: SweepResult, key: string, patients: number): number[] {
  return rows.filter((row) => keyOf(row) === key && row.patients === patients)
    .toSorted((a, b) => a.seed - b.seed).map(({ dice }) => dice.mean!);
}
