/**
 * Adapted models by their run's folder, or their file.
 *
 * @module
 */
import type { PreparedVolume } from "../../../lib/data/slices/preprocess.ts";
import { unseenWarnings } from "../../../lib/data/slices/seen_scans.ts";
import type { Config } from "../../../lib/config/config.ts";
import { changeConfig } from "../../../lib/config/resolve.ts";
import type { Structure } from "../../../lib/data/datasets/dataset.ts";
import type { VoxelOrder } from "../../../lib/data/volumes/voxel_order.ts";
import { networkOf } from "../../../lib/export/model_file.ts";
import { checkpointPath } from "../../../lib/runs/kept_checkpoints.ts";
import { openRun, type Run, type RunInfo } from "../../../lib/runs/run_folder.ts";
import {
  type SegmentationModels,
  segmentationModels,
} from "../../../lib/training/weights/segmentation_model.ts";
import { usage, UsageError, type Values } from "../command/command.ts";
import type { Option } from "../command/help.ts";
import { isFile, readModelFile } from "./weights_file.ts";

/** `--model`, of tasks that segment; several segment together. */
export const MODEL_OPTION: Record<string, Option> = {
  model: {
    value: "RUN|FILE",
    help:
      "the folder of an adapted model, RUN/folds for those of its folds, or safetensors of deno task " +
      "export; of several, given one by one, the mean of their probabilities decides",
    required: true,
    multiple: true,
  },
};

/** `--set`, of the settings that an adapted model can still change. */
export const INFERENCE_OPTION: Record<string, Option> = {
  set: {
    value: "PATH=VALUE",
    help: "changes how it segments, for instance inference.largestComponent=true; may be repeated",
    multiple: true,
  },
};

/** A model to segment with. */
export interface OpenModel extends SegmentationModels {
  /** How it segments. */
  config: Config;
  /** What it segments. */
  structures: Structure[];
  /** Names of the channels that it sees, where there are several. */
  channels?: readonly string[];
  /** The order of voxels that it knows; as stored where absent. */
  order?: VoxelOrder;
  /** What the run was that it is of; a file does not tell. */
  info?: RunInfo;
  /** The file of its weights. */
  weights: string;
}

/**
 * Opens the model of a run, or of a file that `deno task export` wrote, with the changes of
 * {@linkcode INFERENCE_OPTION}.
 *
 * @throws {TypeError} if it is a pretraining, which segments nothing yet.
 */
export async function openModel(path: string, values: Values): Promise<OpenModel> {
  const changes = values.list("set");
  const other = changes.find((change) => !change.startsWith("inference."));
  if (other) {
    throw new UsageError(
      `--set: expected a setting of inference, found "${other}"; all others are those that the ` +
        "model was trained with",
    );
  }
  return isFile(path) ? await openOfFile(path, changes) : await openOfRun(path, changes);
}

async function openOfRun(folder: string, changes: readonly string[]): Promise<OpenModel> {
  const run = await openRun(folder);
  const { checkpoint, info, info: { structures, channels, order } } = run;
  const config = usage(() => changeConfig(run.config, changes));
  expectAdapted(folder, structures);
  expectTrained(folder, run);
  const options = { config, classes: structures.length + 1, source: folder };
  const models = segmentationModels(checkpoint, options);
  // A run whose last checkpoint is damaged is not done, and refused above.
  const weights = checkpointPath(folder);
  return { ...models, config, structures, channels, order, info, weights };
}

async function openOfFile(path: string, changes: readonly string[]): Promise<OpenModel> {
  const file = await readModelFile(path);
  const { structures, channels, order } = file;
  const config = usage(() => changeConfig(file.config, changes));
  expectAdapted(path, structures);
  const model = networkOf({ ...file, config }, path);
  return { model, config, structures, channels, order, weights: path };
}

function expectAdapted(source: string, structures: readonly Structure[]): void {
  if (structures.length > 0) return;
  throw new TypeError(
    `${source}: expected an adapted model, found a pretraining; adapt it with deno task finetune`,
  );
}

/**
 * Makes sure that a run's training is done.
 *
 * @throws {Error} if it is half-trained: such a model is not to be used by mistake.
 */
export function expectTrained(
  folder: string,
  { info: { kind, status }, damage }: Pick<Run, "info" | "damage">,
): void {
  if (status === "done") return;
  const what = damage ?? `${folder}: expected a model whose training is done, found it ${status}`;
  const task = kind === "pretrain" ? "pretrain" : "finetune";
  throw new Error(`${what}; finish it with deno task ${task} --resume`);
}

/** A sentence on each thing in which a scan, as prepared for a model, is unlike those it has seen. */
export function unlikeTraining(
  { info, config: { data } }: OpenModel,
  { facts }: Pick<PreparedVolume, "facts">,
): string[] {
  if (!info?.seen) return [];
  return unseenWarnings(facts, info.seen, { windowed: data.window !== "percentiles" });
}
