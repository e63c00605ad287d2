/**
 * Settings that are planned: by the dataset, and by the time that there is.
 *
 * @module
 */
import type { Config } from "../../../lib/config/config.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { type Plan, planFor } from "../../../lib/plan/plan.ts";
import { surveyCohort } from "../../../lib/plan/survey.ts";
import {
  adaptationPace,
  type AdaptationPaceOptions,
  type Pace,
  planWithin,
  stepsWithin,
  TRAINING_SHARE,
  withAdaptationSteps,
} from "../../../lib/training/fit_time.ts";
import { counted, duration } from "../../../lib/io/text/amounts.ts";
import { usage, UsageError, type Values } from "../command/command.ts";
import { changesOf, configOf } from "../command/options.ts";
import type { Voice } from "../command/voice.ts";

/** The preset that is planned. */
export const PLANNED = "auto";

/** The `--minutes` that were given, or are the default. */
export function minutesOf(values: Values): number {
  const text = values.text("minutes");
  const minutes = Number(text);
  if (minutes > 0 && minutes < Infinity) return minutes;
  throw new UsageError(`--minutes: expected a number above 0, found "${text}"`);
}

/** The seconds that are left of `--minutes`; undefined where it was not given. */
export function secondsLeft(values: Values): number | undefined {
  if (!values.given("minutes")) return undefined;
  return 60 * minutesOf(values) - (performance.now() - values.began) / 1000;
}

/** Steps below which a training comes to little. */
const FEW_STEPS = 200;

/**
 * Tells how many steps fit into `--minutes`, and warns where these are few.
 *
 * @param trainings How many trainings of that length there are.
 */
export function tellSteps(
  steps: number,
  { pace, trainings = 1, voice }: { pace: Pace; trainings?: number; voice: Voice },
): void {
  voice.note(paceText(steps, pace) + (trainings > 1 ? `, ${trainings} times` : ""));
  if (steps >= FEW_STEPS) return;
  const seconds = trainings * (pace.apart + FEW_STEPS * pace.perStep);
  const [few, minutes] = [counted(steps, "step"), counted(Math.ceil(seconds / 60), "minute")];
  voice.warn(
    `${few} of training fit into the time, too few to learn much from: expect poor masks; ` +
      `${FEW_STEPS} steps would take ${minutes} at this pace, which is that of a machine as busy as now`,
  );
}

/** The steps of an adaptation that fit into `--minutes`, where it was given, in each of some trainings. */
export async function fitAdaptation(
  values: Values,
  config: Config,
  { trainings, voice, ...measured }: AdaptationPaceOptions & { trainings: number; voice: Voice },
): Promise<Config> {
  if (!values.given("minutes")) return config;
  tellMeasuring(voice);
  const pace = await adaptationPace(config, measured);
  const steps = stepsWithin(TRAINING_SHARE * secondsLeft(values)! / trainings, pace);
  tellSteps(steps, { pace, trainings, voice });
  return withAdaptationSteps(config, steps);
}

/** Says that the pace of a training is about to be measured, which takes some seconds. */
export function tellMeasuring(voice: Voice): void {
  voice.progress().update(0, { doing: "measures how long a step takes" });
}

/** What {@linkcode planOf} looks at. */
export interface PlannedCohort {
  /** The dataset. */
  dataset: Dataset;
  /** Ids of those who are trained on. */
  patients: readonly string[];
  /** Shows the plan. */
  voice: Voice;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * The settings that were asked for: a preset's, or those of a plan, which is shown; with the dataset
 * as they want it read, and the pace of a pretraining, where that was measured for the plan.
 */
export async function planOf(
  values: Values,
  { dataset, patients, voice, signal }: PlannedCohort,
): Promise<{ config: Config; plan?: Plan; pace?: Pace; dataset: Dataset }> {
  if (values.text("preset") !== PLANNED) return { config: configOf(values), dataset };
  voice.progress().update(0, { doing: `looks at ${dataset.name} to plan` });
  const survey = await surveyCohort(dataset, patients);
  const options = { seed: seedOf(values), set: changesOf(values) };
  const plain = usage(() => planFor(survey, options));
  const seconds = secondsLeft(values);
  if (seconds !== undefined) tellMeasuring(voice);
  const { plan, pace } = seconds === undefined
    ? { plan: plain }
    : await planWithin(survey, { ...options, seconds, signal });
  voice.note(planText(plan, dataset.name));
  return { config: plan.config, plan, pace, dataset: { ...dataset, settings: plan.config.data } };
}

/** The seed that was asked for, of tasks that take one. */
function seedOf(values: Values): number | undefined {
  return values.given("seed") ? values.count("seed") : undefined;
}

/** A plan in lines: each decision, and why below it. */
export function planText({ lines, survey: { patients, scans } }: Plan, name: string): string {
  const width = Math.max(...lines.map(({ part }) => part.length));
  return [
    `plan for ${counted(scans, "scan")} of ${counted(patients, "patient")} of ${name}:`,
    ...lines.flatMap(({ part, choice, because }) => [
      `  ${part.padEnd(width)}  ${choice}`,
      `  ${"".padEnd(width)}    ${because}`,
    ]),
  ].join("\n");
}

/** What the measured steps come to, in words. */
function paceText(steps: number, { apart, perStep }: Pace): string {
  const each = Number(perStep.toPrecision(2));
  return `${steps} steps of ${each} s: ${duration(apart + steps * perStep)}`;
}
