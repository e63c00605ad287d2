/**
 * The scans that a sweep's best model segments worst.
 *
 * @module
 */
import { meanOfKnown } from "../../math/descriptive.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import type { RunCases } from "../../experiments/patient_dice.ts";
import { scanTitle, type WorstCase, type WorstCases } from "../report_input.ts";

/** Scans that are listed. */
const WORST = 10;

/**
 * The scans of lowest Dice of the best run on the fewest patients with the first seed: its masks are
 * among those that the slice browser has.
 *
 * @param runs one or more, in the order of the plan.
 */
export function worstCases(runs: readonly RunCases[]): WorstCases {
  const fewest = Math.min(...runs.map(({ patients }) => patients));
  const few = runs.filter(({ patients }) => patients === fewest);
  const best = few.filter(({ seed }) => seed === few[0].seed)
    .reduce((a, b) => (meanDice(b.cases) ?? 0) > (meanDice(a.cases) ?? 0) ? b : a);
  const scans = Map.groupBy(best.cases, (metrics) => scanTitle(metrics)).values()
    .flatMap((metrics): WorstCase[] => {
      const { patient, group, phase } = metrics[0];
      const dice = meanDice(metrics);
      return dice === null ? [] : [{ patient, group, phase, metrics, dice }];
    });
  return { run: best, scans: [...scans].sort((a, b) => a.dice - b.dice).slice(0, WORST) };
}

function meanDice(metrics: readonly CaseMetrics[]): number | null {
  return meanOfKnown(metrics.map(({ dice }) => dice));
}
