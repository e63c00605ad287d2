/**
 * Settings that are planned: by the dataset, and by the time that there is.
 *
 * @module
 */
import type { Config } from "../../lib/config/config.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { type Plan, planFor } from "../../lib/plan/plan.ts";
import { surveyCohort } from "../../lib/plan/survey.ts";
import { type Pace, planWithin } from "../../lib/training/fit_time.ts";
import { counted, duration } from "../../lib/io/text/amounts.ts";
import { usage, UsageError, type Values } from "./command.ts";
import { changesOf, configOf } from "./options.ts";
import type { Voice } from "./voice.ts";

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

/** What {@linkcode planOf} looks at. */
export interface PlannedCohort {
  /** The dataset. */
  dataset: Dataset;
  /** Ids of those who are trained on. */
  patients: readonly string[];
  /** Shows the plan. */
  voice: Voice;
}

/**
 * The settings that were asked for: a preset's, or those of a plan, which is shown; with the dataset
 * as they want it read.
 */
export async function planOf(
  values: Values,
  { dataset, patients, voice }: PlannedCohort,
): Promise<{ config: Config; plan?: Plan; dataset: Dataset }> {
  if (values.text("preset") !== PLANNED) return { config: configOf(values), dataset };
  voice.progress().update(0, { doing: `looks at ${dataset.name} to plan` });
  const survey = await surveyCohort(dataset, patients);
  const options = { seed: seedOf(values), set: changesOf(values) };
  const plain = usage(() => planFor(survey, options));
  const seconds = secondsLeft(values);
  const plan = seconds === undefined ? plain : await planWithin(survey, { ...options, seconds });
  voice.note(planText(plan, dataset.name));
  return { config: plan.config, plan, dataset: { ...dataset, settings: plan.config.data } };
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
export function paceText(steps: number, { apart, perStep }: Pace): string {
  const each = Number(perStep.toPrecision(2));
  return `${steps} steps of ${each} s: ${duration(apart + steps * perStep)}`;
}
