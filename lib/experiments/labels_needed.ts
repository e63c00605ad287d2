/**
 * How many labelled patients a baseline needs for the Dice that another setting reaches with fewer.
 *
 * @module
 */
import { mean } from "../math/descriptive.ts";
import { patientDice, type RunCases } from "./patient_dice.ts";
import { resampled } from "./resample.ts";

/** Numbers of labelled patients. */
export interface LabelsNeeded {
  /** Where the baseline's curve reaches the Dice; infinite where it stays below. */
  patients: number;
  /** The lower end of the confidence interval. */
  low: number;
  /** Its upper end; infinite where the curve may stay below. */
  high: number;
}

/** A number of labelled patients with the Dice of its runs. */
interface CurvePoint {
  /** Number of labelled patients. */
  patients: number;
  /** Dice by seed and test patient. */
  dice: readonly (readonly number[])[];
}

/**
 * Reads off the baseline's curve with how many labelled patients it reaches the mean Dice of a setting.
 * Between two numbers of patients the curve is straight over their logarithm; before the fewest it is
 * not known, so that these are the least. The interval is a percentile bootstrap over seeds and test
 * patients, the same for both.
 *
 * @param ours runs of one setting.
 * @param baseline runs of the baseline with any numbers of patients.
 * @param level of confidence, in (0, 1).
 * @returns null where they have no seed, or no test patient, in common.
 */
export function labelsNeeded(
  ours: readonly RunCases[],
  baseline: readonly RunCases[],
  level: number,
): LabelsNeeded | null {
  const { target, curve } = pairedCurve(ours, baseline);
  const [seeds, patients] = [target.length, target[0]?.length ?? 0];
  if (curve.length === 0 || patients === 0) return null;
  const needed = (rows: readonly number[], columns: readonly number[]) => {
    const meanOf = (dice: CurvePoint["dice"]) =>
      mean(rows.map((row) => mean(columns.map((column) => dice[row][column]))));
    const goal = meanOf(target);
    return reaching(curve.map(({ patients, dice }) => ({ patients, dice: meanOf(dice) })), goal);
  };
  const found = resampled({ seeds, patients }, needed);
  // Of infinite values there is no mean: ranks outside of the tails.
  const tail = (1 - level) / 2 * (found.length - 1);
  return {
    patients: needed([...target.keys()], [...target[0].keys()]),
    low: found[Math.floor(tail)],
    high: found[Math.ceil(found.length - 1 - tail)],
  };
}

/** Where a curve first reaches a Dice. */
function reaching(curve: readonly { patients: number; dice: number }[], goal: number): number {
  const at = curve.findIndex(({ dice }) => dice >= goal);
  if (at <= 0) return at < 0 ? Infinity : curve[0].patients;
  const [before, after] = [curve[at - 1], curve[at]];
  const share = (goal - before.dice) / (after.dice - before.dice);
  return before.patients * (after.patients / before.patients) ** share;
}

/** Dice of both by the seeds and test patients that all of the runs have in common. */
function pairedCurve(
  ours: readonly RunCases[],
  baseline: readonly RunCases[],
): { target: CurvePoint["dice"]; curve: CurvePoint[] } {
  const numbers = [...new Set(baseline.map(({ patients }) => patients))].sort((a, b) => a - b);
  const sides = [ours, ...numbers.map((n) => baseline.filter(({ patients }) => patients === n))];
  const seeds = sides[0].map(({ seed }) => seed)
    .filter((seed) => sides.every((runs) => runs.some((run) => run.seed === seed)));
  const dice = sides.map((runs) =>
    seeds.map((seed) => patientDice(runs.filter((run) => run.seed === seed)))
  );
  const common = [...dice[0][0]?.keys() ?? []]
    .filter((patient) => dice.flat().every((measured) => measured.has(patient)));
  const [target, ...curve] = dice.map((bySeed) =>
    bySeed.map((measured) => common.map((patient) => measured.get(patient)!))
  );
  return { target, curve: curve.map((dice, i) => ({ patients: numbers[i], dice })) };
}
