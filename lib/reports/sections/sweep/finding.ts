/**
 * What a sweep shows, in words: what pretraining reaches against training from scratch, where labels
 * are fewest.
 *
 * @module
 */
import {
  type DifferenceInterval,
  differenceInterval,
} from "../../../experiments/difference_interval.ts";
import { type LabelsNeeded, labelsNeeded } from "../../../experiments/labels_needed.ts";
import type { RunCases } from "../../../experiments/patient_dice.ts";
import type { SweepSetting, SweepSummary } from "../../../experiments/result.ts";
import { NO_PRETRAINING } from "../../../experiments/sweep/plan.ts";
import { counted } from "../../../io/text/amounts.ts";
import { strategyOf } from "../../../training/strategies/table.ts";

/** The chance of an interval to miss the difference. */
const ALPHA = 0.05;

/** A setting that there was something to measure of. */
export type MeasuredSummary = SweepSummary & { dice_mean: number; dice_sd: number };

/** The comparison that a report opens with. */
export interface Finding {
  /** The best setting from a pretraining at the fewest patients that scratch was run with too. */
  adapted: MeasuredSummary;
  /** Training from scratch with as many patients. */
  scratch: MeasuredSummary;
  /** How many settings the best was chosen from. */
  candidates: number;
  /**
   * The 95 % confidence interval of the difference in Dice, by Bonferroni's correction the interval of
   * the best of `candidates`; null where no metrics by patient are at hand.
   */
  interval: DifferenceInterval | null;
  /** With how many patients scratch is as good, by its curve; null without metrics by patient. */
  scratchNeeds: LabelsNeeded | null;
  /** The most patients that scratch was run with. */
  scratchMost: number;
}

/**
 * Compares what pretraining reaches with scratch; null where the sweep lacks one of the two.
 *
 * @param cases the metrics of its runs by patient, of those that have them.
 */
export function findComparison(
  summary: readonly SweepSummary[],
  cases: readonly RunCases[],
): Finding | null {
  const measured = summary.filter(isMeasured);
  const scratches = measured.filter(({ strategy }) => strategy === "scratch")
    .toSorted((a, b) => a.patients - b.patients);
  const pretrained = measured.filter(({ pretraining }) => pretraining !== NO_PRETRAINING);
  const at = (patients: number) => pretrained.filter((entry) => entry.patients === patients);
  const scratch = scratches.find(({ patients }) => at(patients).length > 0);
  if (!scratch) return null;
  const candidates = at(scratch.patients);
  const adapted = candidates.reduce((a, b) => b.dice_mean > a.dice_mean ? b : a);
  const ours = runsOf(adapted, cases);
  return {
    adapted,
    scratch,
    candidates: candidates.length,
    interval: differenceInterval(
      ours,
      runsOf(scratch, cases),
      1 - ALPHA / candidates.length,
    ),
    scratchNeeds: labelsNeeded(ours, cases.filter(isScratch), 1 - ALPHA),
    scratchMost: scratches[scratches.length - 1].patients,
  };
}

/** Whether the interval lies above 0: only then there is a gain to speak of. */
export function showsGain({ interval }: Finding): boolean {
  return interval !== null && interval.low > 0;
}

/** Whether a setting has a Dice: not where all masks were empty. */
export function isMeasured(summary: SweepSummary): summary is MeasuredSummary {
  return summary.dice_mean !== null;
}

/** The key finding in one sentence, claiming a gain only where one is sure. */
export function findingSentence(finding: Finding | null): string {
  if (!finding) {
    return "This sweep does not hold both adaptation from a pretraining and training from scratch " +
      "with as many patients, so it does not say whether pretraining helps.";
  }
  const { adapted, scratch, candidates } = finding;
  const chosen = candidates > 1 ? ` (the best of ${candidates} ways)` : "";
  const how = strategyOf(adapted.strategy)?.how ?? `by ${adapted.strategy}`;
  return `With ${counted(scratch.patients, "labelled patient")}, ${adapted.pretraining} adapted ` +
    `${how}${chosen} reaches a mean Dice of ${diceText(adapted)}, against ${
      diceText(scratch)
    } from ` +
    `scratch: ${verdict(finding)}.`;
}

/** Mean ± standard deviation over seeds, or the mean alone where one seed was run. */
export function diceText(summary: SweepSummary): string {
  if (!isMeasured(summary)) return "–";
  const { dice_mean, dice_sd, n } = summary;
  return n > 1 ? `${dice_mean.toFixed(3)} ± ${dice_sd.toFixed(3)}` : dice_mean.toFixed(3);
}

/** A difference of Dice with its sign. */
export function signed(difference: number): string {
  return `${difference < 0 ? "−" : "+"}${Math.abs(difference).toFixed(3)}`;
}

/** What may be said of the difference: a gain only where its interval lies above 0. */
function verdict(finding: Finding): string {
  const { adapted, scratch, interval } = finding;
  const gain = adapted.dice_mean - scratch.dice_mean;
  const size = `${Math.abs(gain).toFixed(3)} ${gain < 0 ? "less" : "more"}`;
  if (!interval) return `${size}, without metrics by patient to tell how sure that is`;
  const { low, high, seeds } = interval;
  const range = `95 % confidence interval ${signed(low)} to ${signed(high)}` +
    (seeds === 1 ? ", of a single seed" : "");
  if (showsGain(finding)) return `a gain of ${gain.toFixed(3)} (${range})`;
  if (high < 0) return `${size} (${range}), so pretraining did not help here`;
  return `${size}, but this does not show a difference (${range}, which includes 0)`;
}

function isScratch({ strategy, pretraining }: SweepSetting): boolean {
  return strategy === "scratch" && pretraining === NO_PRETRAINING;
}

function runsOf(
  { pretraining, strategy, patients }: SweepSetting,
  cases: readonly RunCases[],
): RunCases[] {
  return cases.filter((run) =>
    run.pretraining === pretraining && run.strategy === strategy && run.patients === patients
  );
}
