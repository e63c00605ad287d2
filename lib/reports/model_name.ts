/**
 * How a report's slice browser calls the models of a sweep.
 *
 * @module
 */
import type { SweepSetting } from "../experiments/result.ts";
import { settingName } from "../experiments/setting_name.ts";
import { counted } from "../io/text/amounts.ts";
import type { ModelName } from "./page_data.ts";

/** A setting's name, among those of as many labelled patients. */
export function modelName(setting: SweepSetting): ModelName {
  return { name: settingName(setting), group: counted(setting.patients, "labelled patient") };
}
