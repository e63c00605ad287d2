/**
 * The cross-validation beside an adaptation: shown, and kept so that it can be gone on with.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../../lib/config/config.ts";
import { crossValidationSplits } from "../../../lib/data/datasets/folds.ts";
import type { CohortScan } from "../../../lib/data/slices/cohort.ts";
import {
  crossValidate,
  type CrossValidateOptions,
  type CrossValidation,
  foldFolder,
} from "../../../lib/experiments/cross_validation.ts";
import { readCheckpoint, writeCheckpoint } from "../../../lib/runs/checkpoint.ts";
import { writeConfig } from "../../../lib/runs/run_folder.ts";
import { makeFolder } from "../../../lib/io/write_file.ts";
import type { Safetensors } from "../../../lib/training/weights/safetensors.ts";
import { STRATEGIES } from "../../../lib/training/strategies/table.ts";
import type { Voice } from "../command/voice.ts";

/** Options of {@linkcode runFolds}. */
export interface RunFoldsOptions extends Omit<CrossValidateOptions, "onProgress" | "onWarning"> {
  /** The labelled patients' scans. */
  scans: readonly CohortScan[];
  /** Shows it. */
  voice: Voice;
}

/**
 * Cross-validates in a run's folder, with the progress over all folds on display. The run, and its
 * folds, clean masks up as these chose.
 */
export async function runFolds(
  dir: string,
  { scans, voice, ...options }: RunFoldsOptions,
): Promise<CrossValidation> {
  const { strategy, config, environment: { backend } } = options;
  const batch = STRATEGIES[strategy].batch(config.adaptation);
  const display = voice.progress();
  const found = await crossValidate(dir, scans, {
    ...options,
    onWarning: voice.warn,
    onProgress: ({ fold, folds, steps, record: { step, loss } }) =>
      display.update((fold - 1 + step / steps) / folds, {
        doing: `fold ${fold} of ${folds}, step ${step} of ${steps}`,
        ...{ loss, slices: step * batch, backend },
      }),
  });
  await keepCleaning(dir, config, found);
  await rm(startPath(dir), { force: true });
  return found;
}

/** Has a run, and its folds with which it may segment together, clean masks up as these chose. */
async function keepCleaning(
  dir: string,
  config: Config,
  { folds, cleaning_choice: choice }: CrossValidation,
): Promise<void> {
  if (!choice) return;
  const { largestComponent, fillHoles } = choice;
  const cleaning = { ...config, inference: { ...config.inference, largestComponent, fillHoles } };
  for (const folder of [...folds.map((_, i) => foldFolder(dir, i + 1)), dir]) {
    await writeConfig(folder, cleaning);
  }
}

/** The patients whom each fold holds out. */
export function heldOut(
  { dataset, split, subset, folds, config: { seed } }:
    & Pick<CrossValidateOptions, "dataset" | "split" | "folds" | "config">
    & { subset: readonly string[] },
): string[][] {
  const patients = { split, patients: subset };
  return crossValidationSplits(dataset, patients, { folds, seed }).map(({ test }) => test);
}

/**
 * Keeps the weights that folds start from with the run that they are beside, once that has begun: whoever
 * goes on need not have the pretraining any more.
 *
 * @returns to be called whenever the run has a folder; it writes once.
 */
export function startKeeper(dir: string, { tensors, metadata }: Safetensors): () => Promise<void> {
  let kept: Promise<void> | undefined;
  const keep = async () => {
    await makeFolder(join(dir, "folds"));
    const weights = Object.entries(tensors).filter(([name]) => !name.startsWith("optimiser."));
    await writeCheckpoint(startPath(dir), { tensors: Object.fromEntries(weights), metadata });
  };
  return () => kept ??= keep();
}

/** What {@linkcode startKeeper} kept; undefined where folds start from nothing, or all are done. */
export async function keptStart(dir: string): Promise<Safetensors | undefined> {
  const path = startPath(dir);
  return existsSync(path) ? await readCheckpoint(path) : undefined;
}

function startPath(dir: string): string {
  return join(dir, "folds", "pretrained.safetensors");
}
