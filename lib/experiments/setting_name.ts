/**
 * How a report calls the settings of a sweep.
 *
 * @module
 */
import { strategyOf } from "../training/strategies/table.ts";
import type { SweepSetting } from "./result.ts";

/** A strategy as readers know it; unknown ones keep their name. */
export function strategyName(strategy: string): string {
  return strategyOf(strategy)?.label ?? strategy;
}

/** Strategy and pretraining, for instance "Fine-tuned, pix2rep"; random weights go unsaid. */
export function settingName({ strategy, pretraining }: Omit<SweepSetting, "patients">): string {
  if (pretraining !== "none") return `${strategyName(strategy)}, ${pretraining}`;
  const said = strategyOf(strategy)?.pretraining === "none";
  return said ? strategyName(strategy) : `${strategyName(strategy)}, random`;
}
