/**
 * How a report calls the settings of a sweep.
 *
 * @module
 */
import type { SweepSetting } from "./result.ts";

const strategies: Record<string, string> = {
  "scratch": "From scratch",
  "probe": "Linear probe",
  "finetune": "Fine-tuned",
  "mean-teacher": "Mean Teacher",
  "in-context": "In-context",
};

/** A strategy as readers know it; unknown ones keep their name. */
export function strategyName(strategy: string): string {
  return Object.hasOwn(strategies, strategy) ? strategies[strategy] : strategy;
}

/** Strategy and pretraining, for instance "Fine-tuned, pix2rep"; random weights go unsaid. */
export function settingName({ strategy, pretraining }: Omit<SweepSetting, "patients">): string {
  if (pretraining !== "none") return `${strategyName(strategy)}, ${pretraining}`;
  return strategy === "scratch" ? strategyName(strategy) : `${strategyName(strategy)}, random`;
}
