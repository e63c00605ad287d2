/**
 * The search for the length and the rates of a sweep's strategies: as many tries for each, adapted to
 * some training patients and measured on others. No test patient is part of what it is given.
 *
 * @module
 */
import type { Dataset } from "../../data/datasets/dataset.ts";
import { inGroups } from "../../io/in_groups.ts";
import { writeJson } from "../../io/write_json.ts";
import { DivergenceError } from "../../training/divergence.ts";
import { type PlannedStage, plannedStages, stageTitle, type SweepPlan } from "../sweep/plan.ts";
import { stageReports, stageWork, type SweepProgress } from "../sweep/progress.ts";
import {
  openPretraining,
  type PretrainedStage,
  runAdaptation,
  type StageContext,
  type StageOptions,
} from "../sweep/run_stage.ts";
import { readRow } from "../sweep/stages.ts";
import { runSweepPretrainings } from "../sweep/sweep.ts";
import { loadSweepData } from "../sweep/sweep_data.ts";
import { expectNoOtherSweep, prepareSweep } from "../sweep/sweep_folder.ts";
import { type InnerSplit, innerSplit } from "./inner_split.ts";
import { plannedTrials, type Trial, trialsLeft, tryFolder, tryPlans } from "./trials.ts";
import { bestTry, readTuning, type Search, tryOf, type Tuning, tuningPath } from "./tuning.ts";

/** Options of {@linkcode tuneSweep}; a folder that holds the same sweep is continued. */
export interface TuneSweepOptions extends StageOptions {
  /** Follows the search. */
  onProgress?: (progress: SweepProgress) => void;
}

/**
 * Runs the search of a plan with tries, or what is left of it, after the pretrainings that it needs:
 * these are the sweep's own. Of each strategy from each pretraining, that try is chosen whose models have
 * the greatest mean Dice. A training that diverges has no Dice.
 *
 * @returns the content of `tuning.json`, in `out`.
 * @throws {RangeError} if the plan is not sound, asks for no tries, or leaves nobody to measure them on.
 * @throws {Error} if `out` holds another sweep.
 * @throws The signal's reason when interrupted.
 */
export async function tuneSweep(
  dataset: Dataset,
  plan: SweepPlan,
  options: TuneSweepOptions,
): Promise<Tuning> {
  const { out } = options;
  const inner = innerSplit(dataset, plan);
  const plans = tryPlans(plan, inner);
  await expectNoOtherSweep(dataset, plan, { out });
  const found = await readTuning(out);
  if (found) return found;
  await runSweepPretrainings(dataset, plan, options);
  for (const [position, tried] of plans.entries()) {
    await prepareSweep(inner.dataset, tried, { out: tryFolder(out, position) });
  }
  const trials = plannedTrials(plans, out);
  await runTrials(await trialsLeft(trials), { ...options, plans, inner });
  const tuning: Tuning = {
    ...{ schema: "pix2rep.tuning/1", dataset: dataset.name, measured: inner.measured },
    searches: await searchesOf(plans, trials),
  };
  await writeJson(tuningPath(out), tuning);
  return tuning;
}

/** How far the search of a plan is. */
export interface SearchState {
  /** Ids of the training patients that tries are measured on. */
  measured: string[];
  /** The number of models that it takes. */
  runs: number;
  /** Those of them that are left to do. */
  left: number;
  /** What it found, where it has ended. */
  tuning?: Tuning;
}

/**
 * Reads what is done of a plan's search.
 *
 * @throws {RangeError} where {@linkcode tuneSweep} does.
 */
export async function searchState(
  dataset: Dataset,
  plan: SweepPlan,
  { out }: Pick<TuneSweepOptions, "out">,
): Promise<SearchState> {
  const inner = innerSplit(dataset, plan);
  const trials = plannedTrials(tryPlans(plan, inner), out);
  const tuning = await readTuning(out);
  const left = tuning ? 0 : (await trialsLeft(trials)).length;
  return { measured: inner.measured, runs: trials.length, left, tuning };
}

/** Runs some trials one after the other; one whose training diverges leaves no row. */
async function runTrials(
  left: readonly Trial[],
  { plans, inner: { dataset }, ...options }: TuneSweepOptions & {
    plans: readonly SweepPlan[];
    inner: InnerSplit;
  },
): Promise<void> {
  const { out, signal, onProgress } = options;
  const stages = left.map(({ stage }) => stage);
  const data = await loadSweepData(dataset, plans[0], { stages, signal });
  const reportOf = stageReports(stages.map((stage) => stageWork(stage, data)), onProgress);
  const open = pretrainingsOf(plans[0], out);
  for (const [i, trial] of left.entries()) {
    const { position, dir, stage } = trial;
    const report = reportOf(i, `try ${position + 1} of ${plans.length}: ${stageTitle(stage)}`);
    const context: StageContext = { ...options, dataset, data, report, out: dir };
    const pretrained = await open(stage);
    try {
      await runAdaptation(context, stage, { pretrained });
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
    }
  }
}

/** Opens what trials start from, once each: every try's plan has the same pretrainings. */
function pretrainingsOf(
  plan: SweepPlan,
  out: string,
): (stage: PlannedStage) => Promise<PretrainedStage | undefined> {
  const stages = plannedStages(plan);
  const opened = new Map<number, Promise<PretrainedStage>>();
  return async ({ after: [id] }) => {
    if (id === undefined) return undefined;
    if (!opened.has(id)) opened.set(id, openPretraining(out, stages[id]));
    return await opened.get(id);
  };
}

/** What came out, by strategy and pretraining. */
async function searchesOf(
  plans: readonly SweepPlan[],
  trials: readonly Trial[],
): Promise<Search[]> {
  const measured = await inGroups(trials, async ({ position, dir, stage: { folder, run } }) => {
    const row = await readRow(dir, folder);
    return { position, run, dice: row?.dice.mean ?? null };
  });
  return plans[0].tuned!.map(({ pretraining, strategy }, i): Search => {
    const own = measured.filter(({ run }) =>
      run.pretraining === pretraining && run.strategy === strategy
    );
    const tries = plans.map(({ tuned }, position) => {
      const models = own.filter((one) => one.position === position)
        .map(({ run: { patients, seed }, dice }) => ({ patients, seed, dice }));
      return tryOf([...tuned![i].set], models);
    });
    return { pretraining, strategy, tries, chosen: bestTry(tries) };
  });
}
