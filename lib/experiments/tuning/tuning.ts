/**
 * The outcome of a search for the length and the rates of a sweep's strategies: `tuning.json`.
 *
 * @module
 */
import { join } from "node:path";
import * as v from "valibot";
import { readTextIfAny } from "../../io/folders.ts";
import { parseJson } from "../../io/text/parse_json.ts";
import { meanOfKnown } from "../../math/descriptive.ts";
import { STRATEGY_NAMES, type StrategyName } from "../../training/strategies/table.ts";
import type { SweepPlan } from "../sweep/plan.ts";

/** A model of a try, adapted to some training patients and measured on others. */
export interface TrialDice {
  /** The number of patients that it was adapted to. */
  patients: number;
  /** Seed of these patients and of the adaptation. */
  seed: number;
  /** Its mean Dice; null where the loss did not stay finite, or there was nothing to measure. */
  dice: number | null;
}

/** One try of a search. */
export interface Try {
  /** Its settings as changes "path=value". */
  set: string[];
  /** Its models. */
  dice: TrialDice[];
  /** The mean of their Dice; null where one has none. */
  mean: number | null;
}

/** The search of one strategy from one pretraining. */
export interface Search {
  /** The pretraining's name, or "none". */
  pretraining: string;
  /** The strategy. */
  strategy: StrategyName;
  /** The tries; the first has the settings of the plan. */
  tries: Try[];
  /** Position in `tries` of the one that is run. */
  chosen: number;
}

/** The content of `tuning.json`. */
export interface Tuning {
  /** Version of this form. */
  schema: "pix2rep.tuning/1";
  /** The dataset's name. */
  dataset: string;
  /** Ids of the training patients that all tries were measured on. */
  measured: string[];
  /** The searches, in the order of the plan. */
  searches: Search[];
}

const dice = v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1)));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const TuningJson = v.object({
  schema: v.literal("pix2rep.tuning/1"),
  dataset: v.string(),
  measured: v.array(v.string()),
  searches: v.array(v.pipe(
    v.object({
      pretraining: v.string(),
      strategy: v.picklist(STRATEGY_NAMES),
      tries: v.array(v.object({
        set: v.array(v.string()),
        dice: v.array(v.object({ patients: count, seed: count, dice })),
        mean: dice,
      })),
      chosen: count,
    }),
    v.check(({ tries, chosen }) => chosen < tries.length, "expected a try that is chosen"),
  )),
});

/** Path of a sweep's `tuning.json`. */
export function tuningPath(out: string): string {
  return join(out, "tuning.json");
}

/**
 * Reads what a sweep's search found, or undefined where none has ended.
 *
 * @throws {SyntaxError} if the file is damaged.
 */
export async function readTuning(out: string): Promise<Tuning | undefined> {
  const path = tuningPath(out);
  const text = await readTextIfAny(path);
  return text === undefined ? undefined : parseJson(text, TuningJson, path);
}

/** A try of these settings. */
export function tryOf(set: string[], models: TrialDice[]): Try {
  const known = models.every(({ dice }) => dice !== null);
  return { set, dice: models, mean: known ? meanOfKnown(models.map(({ dice }) => dice)) : null };
}

/** The position of the try with the greatest mean, the first of equals; the plan's own where none has one. */
export function bestTry(tries: readonly Pick<Try, "mean">[]): number {
  const means = tries.map(({ mean }) => mean ?? -1);
  return means.indexOf(Math.max(...means));
}

/** The plan with the settings that its search chose. */
export function tunedPlan(plan: SweepPlan, { searches }: Pick<Tuning, "searches">): SweepPlan {
  const tuned = searches.map(({ pretraining, strategy, tries, chosen }) => ({
    ...{ pretraining, strategy, set: tries[chosen].set },
  }));
  return { ...plan, tuned };
}
