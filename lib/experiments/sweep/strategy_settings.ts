/**
 * Settings that one strategy of a sweep has of its own.
 *
 * @module
 */
import * as v from "valibot";
import { STRATEGY_NAMES, type StrategyName } from "../../training/strategies/table.ts";
import type { SweepSetting } from "../result.ts";

/** Settings that one strategy has from one pretraining, beside those of the configuration. */
export interface StrategySettings {
  /** The pretraining's name, or "none". */
  pretraining: string;
  /** The strategy. */
  strategy: StrategyName;
  /** Changes "path=value" of the configuration, for instance "adaptation.iterations=400". */
  set: readonly string[];
}

/** The same as plans and results have it. */
export const STRATEGY_SETTINGS_SCHEMA: v.GenericSchema<unknown, StrategySettings> = v.strictObject({
  pretraining: v.string(),
  strategy: v.picklist(STRATEGY_NAMES),
  set: v.array(v.string()),
});

/** Whether they are of a run's strategy and pretraining. */
export function areOf(
  { pretraining, strategy }: StrategySettings,
  run: Omit<SweepSetting, "patients">,
): boolean {
  return pretraining === run.pretraining && strategy === run.strategy;
}
