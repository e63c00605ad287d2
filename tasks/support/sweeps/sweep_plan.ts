/**
 * The plan of a sweep as it was asked for, fitted to the dataset and to the time.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Config } from "../../../lib/config/config.ts";
import { parseConfig } from "../../../lib/config/parse_config.ts";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { fitSweep } from "../../../lib/experiments/sweep/fit_sweep.ts";
import type { SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import { sweepSplits } from "../../../lib/experiments/sweep/sweep_data.ts";
import { parseJson } from "../../../lib/io/text/parse_json.ts";
import { planFor } from "../../../lib/plan/plan.ts";
import { type CohortSurvey, surveyCohort } from "../../../lib/plan/survey.ts";
import { UsageError, type Values } from "../command/command.ts";
import { datasetOf, startBackend } from "../command/options.ts";
import { PLANNED, planText, secondsLeft } from "../training/plan.ts";
import { planOf } from "./sweep_options.ts";
import type { Voice } from "../command/voice.ts";

/** Options with which runs are not run one after the other, as they are timed. */
const APART = ["prepare", "run", "jobs"];

/** The content of a sweep's `config.json`, as far as its lengths go. */
const StoredPlan = v.object({ plan: v.object({ configs: v.array(v.unknown()) }) });

/** What is swept. */
export interface PlannedSweep {
  /** Pretrainings, strategies, patients and seeds. */
  plan: SweepPlan;
  /** The dataset as they want it read. */
  dataset: Dataset;
}

/** The plan that was asked for, with settings for this dataset where these are planned. */
export async function sweepOf(values: Values, voice: Voice): Promise<PlannedSweep> {
  const asked = await planOf(values);
  const dataset = await datasetOf(values, { config: asked.configs[0] });
  const isPlanned = asked.configs.some(({ preset }) => preset === PLANNED);
  if (!isPlanned && !values.given("minutes")) return { plan: asked, dataset };
  const other = values.given("minutes") ? APART.find(values.given) : undefined;
  if (other) {
    throw new UsageError(`--minutes: expected no --${other}, found it: runs are timed one by one`);
  }
  voice.progress().update(0, { doing: `looks at ${dataset.name} to plan` });
  const [split] = sweepSplits(dataset, asked).values();
  const survey = await surveyCohort(dataset, split.pool);
  const planned = isPlanned ? await planFrom(values, { survey, dataset, voice }) : asked;
  const plan = await inTime(values, planned, { survey, tested: split.test.length, voice });
  return { plan, dataset: { ...dataset, settings: plan.configs[0].data } };
}

/** The plan with the settings of `auto` chosen by a survey, which is shown. */
async function planFrom(
  values: Values,
  { survey, dataset, voice }: { survey: CohortSurvey; dataset: Dataset; voice: Voice },
): Promise<SweepPlan> {
  return await planOf(values, (name, set) => {
    if (name !== PLANNED) return resolveConfig(name, { set });
    const plan = planFor(survey, { set });
    voice.note(planText(plan, dataset.name));
    return plan.config;
  });
}

/** The plan with the lengths that fit into `--minutes`, or those of the sweep that goes on. */
async function inTime(
  values: Values,
  plan: SweepPlan,
  { survey, tested, voice }: { survey: CohortSurvey; tested: number; voice: Voice },
): Promise<SweepPlan> {
  if (!values.given("minutes")) return plan;
  const path = join(values.text("out"), "config.json");
  if (existsSync(path)) return withLengths(plan, await Deno.readTextFile(path), path);
  await startBackend(values, voice);
  const { slices, patients, channels } = survey;
  return await fitSweep(plan, {
    ...{ slices, channels, seconds: secondsLeft(values)! },
    tested: slices / patients * tested,
  });
}

/** Epochs and steps of an earlier call: what is measured anew would make it another sweep. */
function withLengths(plan: SweepPlan, text: string, path: string): SweepPlan {
  const stored = parseJson(text, StoredPlan, path).plan.configs;
  const configs = plan.configs.map((config, i): Config => {
    if (stored[i] === undefined) return config;
    const { pretraining, adaptation } = parseConfig(stored[i], path);
    return {
      ...config,
      pretraining: { ...config.pretraining, epochs: pretraining.epochs },
      adaptation: {
        ...config.adaptation,
        iterations: adaptation.iterations,
        probe: { ...config.adaptation.probe, iterations: adaptation.probe.iterations },
      },
    };
  });
  return { ...plan, configs };
}
