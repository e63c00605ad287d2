/**
 * Every strategy of adaptation. A name without its object does not compile, nor an object that lacks a
 * part: names, help, plans and reports follow from here.
 *
 * @module
 */
import { finetune } from "./finetune.ts";
import { inContext } from "./in_context.ts";
import { meanTeacher } from "./mean_teacher.ts";
import { probe } from "./probe.ts";
import { probeFinetune } from "./probe_finetune.ts";
import { scratch } from "./scratch.ts";
import type { Strategy } from "./strategy.ts";
import { weakToStrong } from "./weak_to_strong.ts";

/** What options, plans and results call a strategy. */
export type StrategyName =
  | ("scratch" | "probe" | "finetune" | "probe-finetune")
  | ("mean-teacher" | "weak-to-strong" | "in-context");

/** Every strategy by its name, in the order of results, tables and legends: the baseline first. */
export const STRATEGIES: { readonly [Name in StrategyName]: Strategy<Name> } = {
  "scratch": scratch,
  "probe": probe,
  "finetune": finetune,
  "probe-finetune": probeFinetune,
  "mean-teacher": meanTeacher,
  "weak-to-strong": weakToStrong,
  "in-context": inContext,
};

/** Their names, in the same order. */
export const STRATEGY_NAMES = Object.keys(STRATEGIES) as readonly StrategyName[];

/** The strategy of a name that may come from elsewhere; undefined where it is none. */
export function strategyOf(name: string): Strategy | undefined {
  return Object.hasOwn(STRATEGIES, name) ? STRATEGIES[name as StrategyName] : undefined;
}
