/**
 * What `run` does with its time: which steps it takes, how long each may be, and how far it is.
 *
 * @module
 */
import { join } from "node:path";
import { duration } from "../../../lib/io/text/amounts.ts";
import { hasCheckpoint } from "../../../lib/runs/kept_checkpoints.ts";
import { isDone, openRun, readSteps } from "../../../lib/runs/run_folder.ts";
import type { StrategyName } from "../../../lib/training/strategies/table.ts";
import { hasAdaptationPage } from "./adaptation_page.ts";

/** Shares of the time. */
const SHARES = { reading: 0.02, pretraining: 0.5, adaptation: 0.4, segmentation: 0.08 } as const;

/** Folds, where so many patients have masks: more would leave each training too little time. */
const MOST_FOLDS = 3;

/**
 * Ways to adapt that are compared by folds, with their shares of the time: a step of the first takes
 * longer. Of a single labelled patient, the first is taken.
 */
export const CANDIDATES: readonly { strategy: StrategyName; share: number }[] = [
  { strategy: "weak-to-strong", share: 0.7 },
  { strategy: "probe-finetune", share: 0.3 },
];

/** A step of a run. */
export interface RunStep {
  /** What it is. */
  name: keyof typeof SHARES;
  /** Minutes that it may take. */
  minutes: number;
  /** Of an adaptation, the way. */
  strategy?: StrategyName;
}

/** What a run has to do. */
export interface RunTask {
  /** Minutes that were asked for. */
  minutes: number;
  /** How many patients have masks to adapt to. */
  labelled: number;
  /** How many scans have none. */
  unlabelled: number;
}

/** By how many folds ways to adapt are compared; undefined where nobody is left to be held out. */
export function foldsOf(labelled: number): number | undefined {
  return labelled > 1 ? Math.min(labelled, MOST_FOLDS) : undefined;
}

/** The steps of a run, in their order. */
export function runSteps({ minutes, labelled, unlabelled }: RunTask): RunStep[] {
  const step = (name: RunStep["name"]) => ({ name, minutes: SHARES[name] * minutes });
  const first = [step("reading"), step("pretraining")];
  if (labelled === 0) return first;
  const [only] = CANDIDATES;
  const ways = foldsOf(labelled) ? CANDIDATES : [{ ...only, share: 1 }];
  const adaptation = step("adaptation");
  return [
    ...first,
    ...ways.map(({ strategy, share }) => ({
      ...{ ...adaptation, strategy },
      minutes: adaptation.minutes * share,
    })),
    ...(unlabelled > 0 ? [step("segmentation")] : []),
  ];
}

/** The folder of a training within that of its run. */
export function folderOf(out: string, { strategy }: Pick<RunStep, "strategy">): string {
  return join(out, strategy ?? "pretraining");
}

/**
 * A line on where a run is: the step, and about how long it and those after it will take, as planned.
 *
 * @param at The step's place, from 0.
 * @param out The folder of the run: trainings there that are done take no time.
 */
export async function whereText(
  steps: readonly RunStep[],
  at: number,
  out: string,
): Promise<string> {
  const left = await Promise.all(steps.slice(at).map((step) => minutesLeft(step, out)));
  const minutes = left.reduce((sum, each) => sum + each);
  return `step ${at + 1} of ${steps.length} · ${steps[at].name} · ${about(minutes)} left in all`;
}

/** The minutes of a step that are left: of a pretraining that was stopped, by its steps. */
async function minutesLeft(step: RunStep, out: string): Promise<number> {
  const { name, minutes } = step;
  if (name === "reading" || name === "segmentation") return minutes;
  const folder = folderOf(out, step);
  if (await isDone(folder)) {
    return name === "pretraining" || hasAdaptationPage(folder) ? 0 : minutes;
  }
  if (name !== "pretraining" || !hasCheckpoint(folder)) return minutes;
  const [{ info: { steps } }, taken] = [await openRun(folder), await readSteps(folder)];
  return minutes * (1 - (taken.at(-1)?.step ?? 0) / steps);
}

/** A line on how long a run took. */
export function tookText(
  seconds: number,
  { minutes, goesOn }: Pick<RunTask, "minutes"> & {
    /** Whether it went on with what an earlier one left. */
    goesOn: boolean;
  },
): string {
  const took = `took ${duration(seconds)}`;
  return goesOn
    ? `${took}, without what stood already`
    : `${took}; ${minutes} ${minutes === 1 ? "minute was" : "minutes were"} asked for`;
}

/** A time that nobody knows to the second. */
function about(minutes: number): string {
  const whole = Math.round(minutes);
  if (whole < 1) return "less than a minute";
  return whole < 60 ? `about ${whole} min` : `about ${duration(60 * whole)}`;
}
