/**
 * Cross-validation over the labelled patients: each is segmented by a model that did not learn from
 * their masks, so that as many are tested on as are labelled.
 *
 * @module
 */
import { join } from "node:path";
import { crossValidationSplits } from "../data/datasets/folds.ts";
import type { Split } from "../data/datasets/splits.ts";
import {
  type CohortScan,
  labelledSlicesOf,
  loadCohort,
  loadSlices,
} from "../data/slices/cohort.ts";
import { untaughtWarnings } from "../data/slices/label_warnings.ts";
import { protocolWarnings } from "../data/slices/midl2024.ts";
import { bestCleaning, type CleaningChoice } from "../evaluators/cleaning_trial.ts";
import { parseMetricsCsv } from "../evaluators/read_metrics.ts";
import type { CaseMetrics } from "../evaluators/segmentation.ts";
import { type EvaluationSummary, metricsCsv, summarise } from "../evaluators/summary.ts";
import { readTextIfAny } from "../io/folders.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import { writeJson } from "../io/write_json.ts";
import type { MakeAdaptationOptions, RunValidation } from "../runs/make_run.ts";
import type { StepRecord } from "../training/loop.ts";
import { STRATEGIES } from "../training/strategies/table.ts";
import { adaptAndTest } from "./adapt_and_test.ts";
import { diceOverPatients, type PatientDiceByStructure } from "./patient_dice.ts";

/** Options of {@linkcode crossValidate}: those of every fold's adaptation, and how folds are made. */
export interface CrossValidateOptions extends
  Pick<
    MakeAdaptationOptions,
    | ("dataset" | "config" | "environment" | "log" | "saveEvery" | "signal")
    | ("strategy" | "pretrained" | "partial")
  > {
  /** Who may be trained on; the fold's held-out patients are taken out of its pool. */
  split: Split;
  /** Ids of the labelled patients to divide, of the split's pool. */
  patients: readonly string[];
  /** The number of folds, from 2 to that of the patients. */
  folds: number;
  /** Whether the folds choose how masks are cleaned up, where settings leave them as they are. */
  chooseCleaning?: boolean;
  /** Steps between two measurements on a fold's held-out patients; see {@linkcode RunValidation}. */
  validateEvery?: RunValidation["every"];
  /** Follows it. */
  onProgress?: (progress: CrossValidationProgress) => void;
  /** Receives a line on each thing that may spoil results. */
  onWarning?: (warning: string) => void;
}

/** How far a cross-validation is. */
export interface CrossValidationProgress {
  /** The fold, from 1. */
  fold: number;
  /** The number of folds. */
  folds: number;
  /** The last step of its training. */
  record: StepRecord;
  /** How many steps that has. */
  steps: number;
}

/** What a cross-validation found: the content of its `summary.json`, an evaluation of all folds. */
export interface CrossValidation extends EvaluationSummary {
  /** The patients whom each fold held out. */
  folds: string[][];
  /** Dice over patients, of whom each counts once, however many scans they have. */
  patient_dice: PatientDiceByStructure;
  /** How masks do best to be cleaned up, where that was to be chosen; all else is of masks as they are. */
  cleaning_choice?: CleaningChoice;
}

/**
 * Cross-validates a strategy. `folds/1`, `folds/2`, … of the folder are a run each, which holds some
 * patients out, with its evaluation on these; `metrics.csv` and `summary.json` pool them. What is done
 * already is not done again, where the options are the same.
 *
 * The held-out patients of a fold also tell how its training goes, `validation.jsonl`: nothing is chosen by
 * that, so that they stay unseen.
 *
 * @param scans The patients' scans with their masks, as they are trained on: `loadCohort` with the window
 * "labels".
 * @throws {RangeError} if there cannot be so many folds.
 * @throws The signal's reason when interrupted; all is saved.
 */
export async function crossValidate(
  dir: string,
  scans: readonly CohortScan[],
  options: CrossValidateOptions,
): Promise<CrossValidation> {
  const { dataset, folds, config: { seed, data: { protocol } } } = options;
  const splits = crossValidationSplits(dataset, options, { folds, seed });
  const tested: TestedFold[] = [];
  for (const [i, split] of splits.entries()) {
    options.signal?.throwIfAborted();
    tested.push(await runFold(dir, { number: i + 1, split, scans }, options));
  }
  const records = tested.flatMap((fold) => fold.records);
  const cleaning = bestCleaning(tested.map((fold) => fold.cleaning));
  const summary: CrossValidation = {
    ...summarise(records, { warnings: protocolWarnings(protocol) }),
    folds: splits.map(({ test }) => test),
    patient_dice: diceOverPatients(records),
    ...(cleaning && { cleaning_choice: cleaning }),
  };
  await writeFileAtomically(join(dir, "metrics.csv"), metricsCsv(records, { protocol }));
  await writeJson(join(dir, "summary.json"), summary);
  return summary;
}

/** The folder of a fold, counted from 1. */
export function foldFolder(dir: string, number: number): string {
  return join(dir, "folds", `${number}`);
}

/** A fold. */
interface Fold {
  /** Its number, from 1. */
  number: number;
  /** Who is trained on, and held out. */
  split: Split;
  /** The scans of all patients of all folds. */
  scans: readonly CohortScan[];
}

/** What a fold came to. */
interface TestedFold extends Pick<EvaluationSummary, "cleaning"> {
  /** The metrics of its held-out patients. */
  records: CaseMetrics[];
}

/** Adapts and tests the model of a fold, or reads what it came to. */
async function runFold(
  dir: string,
  { number, split, scans }: Fold,
  { folds, validateEvery, chooseCleaning, onProgress, onWarning, ...options }: CrossValidateOptions,
): Promise<TestedFold> {
  const folder = foldFolder(dir, number);
  const done = await readFold(folder);
  if (done) return done;
  const { dataset, config, strategy, signal } = options;
  const warn = (line: string) => onWarning?.(`fold ${number}: ${line}`);
  const held = new Set(split.test);
  const learned = scans.filter(({ patient }) => !held.has(patient));
  untaughtWarnings(learned, dataset.structures).forEach(warn);
  const onScan = () => signal?.throwIfAborted();
  const { cineFrames } = config.pretraining;
  const { grid, inference: { window, largestComponent, fillHoles } } = config;
  await adaptAndTest(folder, labelledSlicesOf(learned), {
    ...{ ...options, split, patients: Number(Object.keys(split.subsets)[0]) },
    validation: {
      slices: labelledSlicesOf(scans.filter(({ patient }) => held.has(patient))).slices,
      ...{ patients: held.size, every: validateEvery },
    },
    unlabelled: STRATEGIES[strategy].unlabelled
      ? await loadSlices(dataset, split.pool, { grid, labelled: false, cineFrames, onScan })
      : undefined,
    tryCleaning: chooseCleaning && !largestComponent && !fillHoles,
    onSteps: (records, steps) => {
      const record = records.at(-1);
      if (record) onProgress?.({ fold: number, folds, record, steps });
    },
    readTest: () => loadCohort(dataset, split.test, { grid, labelled: true, window, onScan }),
    onWarning: warn,
  });
  return (await readFold(folder))!;
}

/** What a fold came to; undefined where it is not done. `summary.json` is written last. */
async function readFold(folder: string): Promise<TestedFold | undefined> {
  const summary = await readTextIfAny(join(folder, "summary.json"));
  const metrics = await readTextIfAny(join(folder, "metrics.csv"));
  if (summary === undefined || metrics === undefined) return undefined;
  const { cleaning } = JSON.parse(summary) as EvaluationSummary;
  return { records: parseMetricsCsv(metrics), cleaning };
}
