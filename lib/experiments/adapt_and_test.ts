/**
 * An adaptation and its test in one folder, which goes on where it was stopped: what sweeps and
 * cross-validations are made of.
 *
 * @module
 */
import { disposeWeights } from "../backbones/weights.ts";
import type { CohortScan, LabelledSlices } from "../data/slices/cohort.ts";
import type { EvaluationSummary } from "../evaluators/summary.ts";
import { makeEvaluation, type MakeEvaluationOptions } from "../runs/evaluation.ts";
import { hasCheckpoint } from "../runs/kept_checkpoints.ts";
import { makeAdaptation, type MakeAdaptationOptions } from "../runs/make_run.ts";
import { reopenRun, type Run } from "../runs/run_folder.ts";
import { segmentationModels } from "../training/weights/segmentation_model.ts";

/** Options of {@linkcode adaptAndTest}. */
export interface AdaptAndTestOptions
  extends
    Omit<MakeAdaptationOptions, "earlier" | "nameOf">,
    Pick<MakeEvaluationOptions, "tryCleaning"> {
  /** Reads the scans to test on, prepared for `config.inference.window`. */
  readTest: () => readonly CohortScan[] | Promise<readonly CohortScan[]>;
  /** Receives a line on each thing that may spoil results. */
  onWarning?: (warning: string) => void;
}

/**
 * Adapts a model to labelled slices, or goes on, and tests it: the files of a run, and those of an
 * evaluation, of which `summary.json` is written last.
 *
 * @throws The signal's reason when interrupted.
 */
export async function adaptAndTest(
  dir: string,
  { slices, nameOf }: LabelledSlices,
  { readTest, tryCleaning, onWarning, ...options }: AdaptAndTestOptions,
): Promise<EvaluationSummary> {
  const { dataset: { structures, regions }, config, strategy, signal } = options;
  const earlier = await earlierRun(dir, strategy, onWarning);
  const checkpoint = await makeAdaptation(dir, slices, { ...options, nameOf, earlier });
  const scans = await readTest();
  const classes = structures.length + 1;
  const models = segmentationModels(checkpoint, { config, classes, source: dir });
  try {
    return await makeEvaluation(dir, models, {
      ...{ scans, structures, regions, inference: config.inference, tryCleaning },
      protocol: config.data.protocol,
      onScan: () => signal?.throwIfAborted(),
    });
  } finally {
    for (const model of Object.values(models)) disposeWeights(model.weights);
  }
}

/** The run to go on with in a folder, if there is one. */
export async function earlierRun(
  dir: string,
  kind: string,
  onWarning: (warning: string) => void = () => {},
): Promise<Run | undefined> {
  if (!hasCheckpoint(dir)) return undefined;
  const run = await reopenRun(dir, [kind]);
  run.warnings.forEach(onWarning);
  return run;
}
