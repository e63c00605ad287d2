/**
 * What a search runs: every strategy of a sweep with as many tries, each a small sweep over training
 * patients alone, in a folder of its own.
 *
 * @module
 */
import { join } from "node:path";
import { STRATEGIES } from "../../training/strategies/table.ts";
import { NO_PRETRAINING, plannedRuns, plannedStages, type SweepPlan } from "../sweep/plan.ts";
import { isAdaptation, type PlannedAdaptation } from "../sweep/run_stage.ts";
import { stageDone } from "../sweep/stages.ts";
import { candidates } from "./candidates.ts";
import type { InnerSplit } from "./inner_split.ts";

/** A model of a try. */
export interface Trial {
  /** Position of the try in every search. */
  position: number;
  /** The try's folder. */
  dir: string;
  /** The adaptation, in the try's plan. */
  stage: PlannedAdaptation;
}

/**
 * The tries as plans: in each, every strategy has settings of its own.
 *
 * @throws {RangeError} if the plan asks for no tries, or has settings of strategies' own already.
 */
export function tryPlans(plan: SweepPlan, { patients, seeds }: InnerSplit): SweepPlan[] {
  const { configs, tries = 0, tuned } = plan;
  if (tries < 1 || tuned) {
    throw new RangeError(
      `expected ${tuned ? "a plan without settings of strategies' own" : "one try or more"} to ` +
        `search, found ${tuned ? "some" : tries}`,
    );
  }
  const runs = Map.groupBy(plannedRuns(plan), (run) => `${run.pretraining} ${run.strategy}`);
  const searches = [...runs.values()].map(([{ pretraining, strategy, config }]) => {
    const pretrained = pretraining !== NO_PRETRAINING;
    const space = STRATEGIES[strategy].search({ pretrained });
    return { pretraining, strategy, sets: candidates(config, space, tries) };
  });
  const groups = searches.map(({ pretraining, strategy }) => ({
    ...{ pretrainings: [pretraining], strategies: [strategy], patients },
  }));
  return Array.from({ length: tries }, (_, n) => ({
    ...{ configs, groups, seeds },
    tuned: searches.map(({ sets, ...search }) => ({ ...search, set: sets[n] })),
  }));
}

/** The folder of a try below the sweep's. */
export function tryFolder(out: string, position: number): string {
  return join(out, "tuning", `try-${position + 1}`);
}

/** Every model of some tries, one try after the other. */
export function plannedTrials(plans: readonly SweepPlan[], out: string): Trial[] {
  return plans.flatMap((plan, position) =>
    plannedStages(plan).filter(isAdaptation)
      .map((stage) => ({ position, dir: tryFolder(out, position), stage }))
  );
}

/** Those that are left to do, by the files in the sweep's folder. */
export async function trialsLeft(trials: readonly Trial[]): Promise<Trial[]> {
  const left: Trial[] = [];
  for (const trial of trials) {
    if (!await stageDone(trial.dir, trial.stage)) left.push(trial);
  }
  return left;
}
