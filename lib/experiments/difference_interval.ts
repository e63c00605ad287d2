/**
 * How sure a difference between two settings of a sweep is.
 *
 * @module
 */
import { mean, percentile } from "../math/descriptive.ts";
import { patientDice, type RunCases } from "./patient_dice.ts";
import { resampled } from "./resample.ts";

/** A confidence interval of a difference in mean Dice. */
export interface DifferenceInterval {
  /** Its lower end. */
  low: number;
  /** Its upper end. */
  high: number;
  /** Seeds that both settings were run with. */
  seeds: number;
  /** Test patients that both were tested on. */
  patients: number;
}

/**
 * A percentile bootstrap of the mean difference in Dice, paired by seed and test patient. Of three
 * seeds, one resample in 27 is three times the worst of them, more than the tail of a 95 % interval: a
 * difference that a single seed turns round is not sure.
 *
 * @param ours runs of one setting.
 * @param theirs runs of another: what `ours` have more is positive.
 * @param level of confidence, in (0, 1).
 * @returns null where the settings have no seed, or no patient, in common.
 */
export function differenceInterval(
  ours: readonly RunCases[],
  theirs: readonly RunCases[],
  level: number,
): DifferenceInterval | null {
  const differences = pairedDifferences(ours, theirs);
  const [seeds, patients] = [differences.length, differences[0]?.length ?? 0];
  if (patients === 0) return null;
  const means = resampled(
    { seeds, patients },
    (drawn, tested) => mean(drawn.map((seed) => mean(tested.map((at) => differences[seed][at])))),
  );
  const [low, high] = [(1 - level) / 2, (1 + level) / 2].map((share) => percentile(means, share));
  return { low, high, seeds, patients };
}

/** Differences by common seed and by the patients that were measured in all of these runs. */
function pairedDifferences(
  ours: readonly RunCases[],
  theirs: readonly RunCases[],
): readonly number[][] {
  const pairs = ours.flatMap((run) => {
    const other = theirs.find(({ seed }) => seed === run.seed);
    return other ? [[patientDice([run]), patientDice([other])] as const] : [];
  });
  const common = [...pairs[0]?.[0].keys() ?? []]
    .filter((patient) => pairs.every((pair) => pair.every((dice) => dice.has(patient))));
  return pairs.map(([a, b]) => common.map((patient) => a.get(patient)! - b.get(patient)!));
}
