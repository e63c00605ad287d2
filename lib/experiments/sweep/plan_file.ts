/**
 * A sweep's plan as a file, for plans that are more than everything crossed with everything.
 *
 * @module
 */
import * as v from "valibot";
import type { Config } from "../../config/config.ts";
import { resolveConfig } from "../../config/resolve.ts";
import { readTextIfAny } from "../../io/folders.ts";
import { naming } from "../../io/text/naming.ts";
import { parseJson } from "../../io/text/parse_json.ts";
import { STRATEGY_NAMES } from "../../training/strategies/table.ts";
import { plannedRuns, type SweepPlan } from "./plan.ts";
import { STRATEGY_SETTINGS_SCHEMA } from "./strategy_settings.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const PlanJson = v.strictObject({
  schema: v.literal("pix2rep.plan/1"),
  presets: v.pipe(
    v.array(v.union([v.string(), v.strictObject({ name: v.string(), set: v.array(v.string()) })])),
    v.maxLength(100),
  ),
  set: v.optional(v.array(v.string()), []),
  groups: v.array(v.strictObject({
    pretrainings: v.array(v.string()),
    strategies: v.array(v.picklist(STRATEGY_NAMES)),
    patients: v.array(count),
  })),
  seeds: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  tuned: v.optional(v.array(STRATEGY_SETTINGS_SCHEMA)),
});

/**
 * Reads a plan: `{"schema": "pix2rep.plan/1", "presets": […], "set": ["path=value", …], "groups":
 * [{"pretrainings": […], "strategies": […], "patients": […]}, …], "seeds": […]}`. The changes of
 * `set` hold for every preset; instead of its name a preset may be `{"name": …, "set": […]}`, with
 * changes of its own. `"tuned": [{"pretraining": …, "strategy": …, "set": […]}, …]` are further changes
 * for one strategy each, after all others.
 *
 * @param options Changes "path=value" after those of the file, and what makes a preset with changes a
 * configuration; `resolveConfig` by default.
 * @throws {Error} if there is no such file.
 * @throws {SyntaxError} if it is no plan.
 * @throws {RangeError} if the plan is not sound (see {@linkcode plannedRuns}) or a preset unknown.
 */
export async function readPlan(
  path: string,
  { set = [], resolve = (preset, set) => resolveConfig(preset, { set }) }: {
    set?: readonly string[];
    resolve?: (preset: string, set: readonly string[]) => Config;
  } = {},
): Promise<SweepPlan> {
  const text = await readTextIfAny(path);
  if (text === undefined) throw new Error(`${path}: no such file; expected a sweep's plan`);
  const { presets, groups, seeds, tuned, ...file } = parseJson(text, PlanJson, path);
  return naming(path, () => {
    const configs = presets.map((preset) => {
      const { name, set: own } = typeof preset === "string" ? { name: preset, set: [] } : preset;
      return resolve(name, [...file.set, ...own, ...set]);
    });
    const plan = { configs, groups, seeds, ...(tuned && { tuned }) };
    plannedRuns(plan);
    return plan;
  });
}
