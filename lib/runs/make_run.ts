/**
 * The one way in which a run is made, by whichever task or sweep: slices are trained on, and a folder
 * tells what others need to go on with the run or from it.
 *
 * @module
 */
import { joinSeen, type SeenScans } from "../data/slices/seen_scans.ts";
import type { SliceSource } from "../data/slices/slice_source.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { adapt, type AdaptOptions } from "../training/adapt.ts";
import type { LoopHooks } from "../training/loop.ts";
import {
  type AdaptationFunctions,
  ownNames,
  type PretrainingFunctions,
} from "../training/own_functions.ts";
import { pretrain, pretrainingSteps } from "../training/pretrain.ts";
import type { Probe } from "../training/quality.ts";
import type { Safetensors } from "../training/weights/safetensors.ts";
import { validationInterval } from "../training/validation.ts";
import { STRATEGIES } from "../training/strategies/table.ts";
import { keepBest, keepCheckpoint } from "./kept_checkpoints.ts";
import { type RecordingOptions, recordRun } from "./record_run.ts";
import type { RunInfo } from "./run_folder.ts";

/** What every run is made with. */
export interface MakeRunOptions extends RecordingOptions, Pick<LoopHooks, "saveEvery" | "signal"> {
  /** Names a slice by its position, for the error of a loss that is not finite. */
  nameOf?: (position: number) => string;
}

/** Options of {@linkcode makePretraining}. */
export interface MakePretrainingOptions extends MakeRunOptions, PretrainingFunctions {
  /** Number of steps; by default as many as the configuration's epochs take. */
  steps?: number;
  /** Labelled slices to measure features on, of how many patients; the best checkpoint is kept. */
  probe?: Probe & { patients: number };
  /** Receives a line on each thing that may spoil it. */
  onWarning?: (warning: string) => void;
}

/**
 * Pretrains on slices. The folder has `config.json`, `run.json`, `split.json`, `metrics.jsonl`,
 * `checkpoint/` and, where features are measured, `quality.jsonl`.
 *
 * @returns the last checkpoint.
 * @throws What `pretrain` throws; what was saved before stays.
 */
export async function makePretraining(
  dir: string,
  slices: SliceSource,
  options: MakePretrainingOptions,
): Promise<Safetensors> {
  const { config, earlier, nameOf, probe, onWarning, saveEvery, signal } = options;
  const { steps = pretrainingSteps(slices.count, config.pretraining) } = options;
  const { augment, loss, onBatch } = options;
  const description = {
    ...{ kind: "pretrain", structures: [], steps },
    ...(probe && { probe: probe.patients }),
    ...ownFacts(options),
    seen: slices.seen,
  };
  return await recordRun(
    dir,
    { ...options, description, slicesOf },
    (onSteps, onQuality) =>
      pretrain(slices, config, {
        ...{ steps, nameOf, probe, onSteps, onQuality, saveEvery, signal },
        ...{ augment, loss, onBatch },
        onCollapse: onWarning,
        resume: earlier?.checkpoint,
        save: (checkpoint) => keepCheckpoint(dir, checkpoint),
        saveBest: (checkpoint) => keepBest(dir, checkpoint),
      }),
  );
}

/** Options of {@linkcode makeAdaptation}. */
export interface MakeAdaptationOptions
  extends
    MakeRunOptions,
    AdaptationFunctions,
    Pick<AdaptOptions, "strategy" | "pretrained" | "partial" | "onMatch" | "unlabelled"> {
  /** How many labelled patients the slices are of. */
  patients: number;
  /** What the scans were like that `pretrained` was trained on, where that is known. */
  seen?: SeenScans;
  /** Labelled slices of how many other patients the training is watched on; nobody by default. */
  validation?: RunValidation;
  /** By how many folds it is cross-validated beside; not at all by default. */
  folds?: number;
  /** Whether these choose how masks are cleaned up; not by default. */
  chooseCleaning?: boolean;
}

/** What an adaptation is watched on. */
export interface RunValidation {
  /** Labelled slices, none of them of a patient who is trained on. */
  slices: SliceStack;
  /** Of how many patients they are. */
  patients: number;
  /** Steps between two measurements; a tenth of all by default, none for 0. */
  every?: number;
}

/**
 * Adapts a model to labelled slices. The folder has `config.json`, `run.json`, `split.json`,
 * `metrics.jsonl`, `checkpoint/` and, where the training is watched, `validation.jsonl`.
 *
 * @returns the model's checkpoint.
 * @throws What `adapt` throws; what was saved before stays.
 */
export async function makeAdaptation(
  dir: string,
  slices: SliceStack,
  options: MakeAdaptationOptions,
): Promise<Safetensors> {
  const { dataset: { structures, regions }, config, earlier, patients, strategy } = options;
  const { pretrained, partial, onMatch, unlabelled, nameOf, saveEvery, signal } = options;
  const { augment, loss, onBatch } = options;
  const isPretrained = pretrained !== undefined ||
    earlier?.checkpoint.metadata.pretrained === "yes";
  const steps = STRATEGIES[strategy].steps(config.adaptation, { pretrained: isPretrained });
  const watched = watchedOn(options, steps);
  const description = {
    ...{ kind: strategy, structures, regions, steps, patients },
    seen: joinSeen(options.seen, unlabelled?.seen, slices.seen),
    ...ownFacts(options),
    ...(watched && { validation: { patients: watched.patients, every: watched.every } }),
    ...(options.folds !== undefined && { folds: options.folds }),
    ...(options.chooseCleaning && { chooseCleaning: true as const }),
  };
  const recorded = { ...options, description, slicesOf };
  return await recordRun(dir, recorded, async (onSteps, _, onValidation) => {
    const adapted = await adapt(slices, config, {
      ...{ strategy, classes: structures.length + 1, pretrained, partial, onMatch, unlabelled },
      ...{ nameOf, onSteps, saveEvery, signal, augment, loss, onBatch },
      validation: watched && { ...watched, onValidation },
      resume: earlier?.checkpoint,
      save: (checkpoint) => keepCheckpoint(dir, checkpoint),
    });
    if (adapted !== earlier?.checkpoint) await keepCheckpoint(dir, adapted);
    return adapted;
  });
}

/** What `run.json` tells of the functions of the caller's own. */
function ownFacts(functions: Parameters<typeof ownNames>[0]): Pick<RunInfo, "own"> {
  const own = ownNames(functions);
  return own.length > 0 ? { own } : {};
}

/** What a training of some steps is watched on, and how often; undefined where it is not. */
function watchedOn(
  { validation }: MakeAdaptationOptions,
  steps: number,
): Required<RunValidation> | undefined {
  if (!validation || validation.every === 0 || steps === 0) return undefined;
  return { ...validation, every: validation.every ?? validationInterval(steps) };
}

/** The digest that a checkpoint has of its slices. */
function slicesOf({ metadata }: Safetensors): string | undefined {
  return metadata.slices;
}
