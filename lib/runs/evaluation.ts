/**
 * The test of an adapted model, kept as `metrics.csv` and `summary.json`.
 *
 * @module
 */
import { join } from "node:path";
import type { Protocol } from "../config/data_settings.ts";
import type { CohortScan } from "../data/slices/cohort.ts";
import { protocolWarnings } from "../data/slices/midl2024.ts";
import {
  type EvaluatedModel,
  evaluateModel,
  type EvaluateModelOptions,
  evaluateTogether,
} from "../evaluators/evaluate.ts";
import { cleaningTrials } from "../evaluators/cleaning_trial.ts";
import { type EvaluationSummary, metricsCsv, summarise } from "../evaluators/summary.ts";
import { writeJson } from "../io/write_json.ts";
import { makeFolder, writeFileAtomically } from "../io/write_file.ts";
import type { SegmentationModels } from "../training/weights/segmentation_model.ts";

/** Options of {@linkcode makeEvaluation}. */
export interface MakeEvaluationOptions extends EvaluateModelOptions {
  /** The scans. */
  scans: readonly CohortScan[];
  /** What was read of them, which the files tell where it is not all. */
  protocol: Protocol;
  /** Further models that segment together with the first, each with the same scans; none by default. */
  others?: readonly EvaluatedModel[];
  /** Whether it is tried what cleaning masks up, which are not, would come to; not by default. */
  tryCleaning?: boolean;
}

/**
 * Evaluates a model on scans, and where it is a teacher, its student too; the folder is made once all
 * went well. Of several models that segment together, no student is told of.
 *
 * @throws What `evaluateModel` throws.
 */
export async function makeEvaluation(
  dir: string,
  { model, student }: SegmentationModels,
  { scans, protocol, others = [], tryCleaning = false, onMask, ...options }: MakeEvaluationOptions,
): Promise<EvaluationSummary> {
  const members = [{ model, scans, inference: options.inference }, ...others];
  const trials = tryCleaning ? cleaningTrials(options) : undefined;
  const records = await evaluateTogether(members, {
    ...options,
    onMask: (mask, scan) => {
      trials?.add(mask, scan);
      onMask?.(mask, scan);
    },
  });
  const alone = others.length === 0 ? student : undefined;
  const ofStudent = alone && await evaluateModel(alone, scans, options);
  const summary = summarise(records, {
    student: ofStudent,
    tolerance: options.tolerance,
    cleaning: trials?.found(),
    warnings: protocolWarnings(protocol),
  });
  await makeFolder(dir);
  await writeFileAtomically(join(dir, "metrics.csv"), metricsCsv(records, { protocol }));
  await writeJson(join(dir, "summary.json"), summary);
  return summary;
}
