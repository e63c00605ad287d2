/**
 * What `--pretrained` names: weights to start from, or to look at.
 *
 * @module
 */
import { existsSync } from "node:fs";
import type { Config } from "../../../lib/config/config.ts";
import type { SeenScans } from "../../../lib/data/slices/seen_scans.ts";
import { readCheckpoint } from "../../../lib/runs/checkpoint.ts";
import { checkpointPath } from "../../../lib/runs/kept_checkpoints.ts";
import { damageWarning, openRun, type Run } from "../../../lib/runs/run_folder.ts";
import type { Safetensors } from "../../../lib/training/weights/safetensors.ts";
import { UsageError } from "../command/command.ts";
import type { Reading } from "../command/options.ts";
import type { Voice } from "../command/voice.ts";
import { isFile, readWeightsFile } from "./weights_file.ts";

/** Weights to start from. */
export interface Pretrained {
  /** The weights `backbone.…`, and others. */
  checkpoint: Safetensors;
  /** The configuration that they were trained with; that of another program's is not known. */
  config?: Config;
  /** How the scans were read that they were trained on, likewise. */
  known?: Reading["info"];
  /** What these scans were like; a file does not tell. */
  seen?: SeenScans;
  /** The folder of the run that they are of, where they are not of a file. */
  folder?: string;
}

/**
 * Opens the weights of a run, or of a file.
 *
 * @param options `best` asks for the checkpoint that did best by `pretrain --probe`.
 * @throws {Error} if there is no best checkpoint.
 */
export async function openPretrained(
  path: string,
  { best, voice }: { best: boolean; voice: Voice },
): Promise<Pretrained> {
  if (isFile(path)) {
    if (best) {
      throw new UsageError(`--best: expected --pretrained RUN, a folder, found the file ${path}`);
    }
    const { tensors, config, order, channels } = await readWeightsFile(path);
    const known = config && { order, channels };
    return { checkpoint: { tensors, metadata: {} }, config, known };
  }
  const { config, ...run } = await openRun(path);
  const checkpoint = best ? await bestCheckpoint(path) : lastCheckpoint(path, { run, voice });
  return { checkpoint, config, known: run.info, seen: run.info.seen, folder: path };
}

/** The option of tasks that look at a pretraining's features. */
export const FEATURES_OPTION = {
  pretrained: {
    value: "RUN|FILE",
    help: "the folder of a pretraining, or safetensors of deno task export",
    required: true,
  },
} as const;

/**
 * Opens the weights that {@linkcode FEATURES_OPTION} names.
 *
 * @throws {TypeError} if they are another program's, whose configuration is not known.
 */
export async function openFeatures(
  path: string,
  voice: Voice,
): Promise<Pretrained & { config: Config }> {
  const { config, ...pretrained } = await openPretrained(path, { best: false, voice });
  if (config) return { ...pretrained, config };
  throw new TypeError(
    `${path}: expected weights with their configuration, found those of another program`,
  );
}

async function bestCheckpoint(folder: string): Promise<Safetensors> {
  const path = checkpointPath(folder, "best");
  if (existsSync(path)) return await readCheckpoint(path);
  throw new Error(
    `${folder}: expected a best checkpoint, found none; pretrain with --probe N to have one`,
  );
}

/** The last checkpoint, with a warning where it is not that of a run that is done. */
function lastCheckpoint(
  folder: string,
  { run, voice }: { run: Omit<Run, "config">; voice: Voice },
): Safetensors {
  const warning = damageWarning(run);
  if (warning) voice.warn(warning);
  const { checkpoint, damage, info: { status, steps } } = run;
  if (status !== "done" && !damage) {
    voice.warn(`${folder} is not done: step ${checkpoint.metadata.step} of ${steps} is used`);
  }
  return checkpoint;
}
