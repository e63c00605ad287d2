/**
 * The scans that a sweep's best model segments worst, and as usual.
 *
 * @module
 */
import { meanOfKnown } from "../math/descriptive.ts";
import type { CaseMetrics } from "../evaluators/segmentation.ts";
import type { RunCases } from "../experiments/patient_dice.ts";
import { type RankedCase, type RankedCases, scanTitle } from "./inputs/report_input.ts";

/** Scans that count as the worst. */
const WORST = 10;

/**
 * The scans by the Dice of the best run on the fewest patients with the first seed.
 *
 * @param runs one or more, in the order of the plan.
 */
export function rankedCases(runs: readonly RunCases[]): RankedCases {
  const fewest = Math.min(...runs.map(({ patients }) => patients));
  const few = runs.filter(({ patients }) => patients === fewest);
  const best = few.filter(({ seed }) => seed === few[0].seed)
    .reduce((a, b) => (meanDice(b.cases) ?? 0) > (meanDice(a.cases) ?? 0) ? b : a);
  return { run: best, scans: rankedScans(best.cases) };
}

/** Scans by their mean Dice over structures, the lowest first; none in which nothing was measured. */
export function rankedScans(cases: readonly CaseMetrics[]): RankedCase[] {
  const scans = Map.groupBy(cases, (metrics) => scanTitle(metrics)).values()
    .flatMap((metrics): RankedCase[] => {
      const { patient, group, phase } = metrics[0];
      const dice = meanDice(metrics);
      return dice === null ? [] : [{ patient, group, phase, metrics, dice }];
    });
  return [...scans].sort((a, b) => a.dice - b.dice);
}

/** The worst of ranked scans. */
export function worstOf({ scans }: Pick<RankedCases, "scans">): readonly RankedCase[] {
  return scans.slice(0, WORST);
}

/** The scan of median Dice; undefined where there are none. */
export function medianOf({ scans }: Pick<RankedCases, "scans">): RankedCase | undefined {
  return scans[scans.length >> 1];
}

function meanDice(metrics: readonly CaseMetrics[]): number | null {
  return meanOfKnown(metrics.map(({ dice }) => dice));
}
