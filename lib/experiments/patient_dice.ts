/**
 * Dice by patient: how well each was segmented, and of a sweep, whether a setting's patients fare
 * better than those of training from scratch.
 *
 * @module
 */
import { mean, meanOfKnown, standardDeviation } from "../math/descriptive.ts";
import type { CaseMetrics } from "../evaluators/segmentation.ts";
import { NO_PRETRAINING } from "./sweep/plan.ts";
import type { SweepSetting } from "./result.ts";
import { holmAdjusted, wilcoxonSignedRank } from "./statistics.ts";

/** A run with the metrics of every structure of every test volume. */
export interface RunCases extends SweepSetting {
  /** The seed of the run. */
  seed: number;
  /** Its metrics. */
  cases: readonly CaseMetrics[];
}

/** The runs of one setting, a run per seed. */
export interface SettingCases {
  /** The setting. */
  setting: SweepSetting;
  /** Its runs. */
  runs: readonly RunCases[];
}

/** Groups runs by their setting, in order of first appearance. */
export function casesBySetting(runs: readonly RunCases[]): SettingCases[] {
  return [...Map.groupBy(runs, settingKey).values()].map((runs) => {
    const { pretraining, strategy, patients } = runs[0];
    return { setting: { pretraining, strategy, patients }, runs };
  });
}

/**
 * Each test patient's Dice: the mean over structures, scans and runs. Patients in whom there was never
 * anything to measure are left out.
 */
export function patientDice(runs: readonly Pick<RunCases, "cases">[]): Map<string, number> {
  const cases = Map.groupBy(runs.flatMap(({ cases }) => cases), ({ patient }) => patient);
  return new Map(
    [...cases].flatMap(([patient, of]): [string, number][] => {
      const dice = meanOfKnown(of.map(({ dice }) => dice));
      return dice === null ? [] : [[patient, dice]];
    }),
  );
}

/** Dice over patients. */
export interface PatientDice {
  /** The mean; null where no patient has one, as all masks were empty. */
  mean: number | null;
  /** The sample standard deviation; 0 of a single patient, null of none. */
  sd: number | null;
  /** How many patients have one. */
  patients: number;
}

/** Dice over patients, of whom each counts once, however many scans they have. */
export interface PatientDiceByStructure extends PatientDice {
  /** The same by structure. */
  structures: Record<string, PatientDice>;
}

/** The mean and spread of Dice over patients, also by structure. */
export function diceOverPatients(cases: readonly CaseMetrics[]): PatientDiceByStructure {
  const structures = Map.groupBy(cases, ({ structure }) => structure);
  return {
    ...overPatients(cases),
    structures: Object.fromEntries([...structures].map(([name, of]) => [name, overPatients(of)])),
  };
}

function overPatients(cases: readonly CaseMetrics[]): PatientDice {
  const dice = [...patientDice([{ cases }]).values()];
  if (dice.length === 0) return { mean: null, sd: null, patients: 0 };
  return { mean: mean(dice), sd: standardDeviation(dice), patients: dice.length };
}

/** Whether the test patients of a setting fare differently from those of scratch. */
export interface ScratchComparison extends SweepSetting {
  /** Two-sided p of the Wilcoxon signed-rank test, corrected for all comparisons by Holm's method. */
  p: number;
  /** Test patients that were paired. */
  pairs: number;
}

/**
 * Compares each setting with training from scratch on as many labelled patients, by the Dice of the
 * test patients. Patients are the samples: a patient's Dice is the mean over the seeds that both were
 * run with, as seeds are no more patients. Settings without such a pair are left out.
 */
export function compareWithScratch(runs: readonly RunCases[]): ScratchComparison[] {
  const settings = casesBySetting(runs);
  const compared = settings.flatMap(({ setting, runs }) => {
    const scratch = settings.find((other) => isScratchOf(setting, other.setting));
    if (!scratch || scratch.runs === runs) return [];
    const [ours, theirs] = commonSeeds(runs, scratch.runs).map(patientDice);
    const paired = [...ours.keys()].filter((patient) => theirs.has(patient));
    const [a, b] = [ours, theirs].map((dice) => paired.map((patient) => dice.get(patient)!));
    if (paired.length === 0) return [];
    return [{ ...setting, p: wilcoxonSignedRank(a, b).p, pairs: paired.length }];
  });
  const adjusted = holmAdjusted(compared.map(({ p }) => p));
  return compared.map((comparison, i) => ({ ...comparison, p: adjusted[i] }));
}

function isScratchOf({ patients }: SweepSetting, other: SweepSetting): boolean {
  return other.strategy === "scratch" && other.pretraining === NO_PRETRAINING &&
    other.patients === patients;
}

/** The runs of either side whose seed the other side has too. */
function commonSeeds(a: readonly RunCases[], b: readonly RunCases[]): RunCases[][] {
  const among = (runs: readonly RunCases[]) => new Set(runs.map(({ seed }) => seed));
  return [a.filter(({ seed }) => among(b).has(seed)), b.filter(({ seed }) => among(a).has(seed))];
}

function settingKey({ pretraining, strategy, patients }: SweepSetting): string {
  return JSON.stringify([pretraining, strategy, patients]);
}
