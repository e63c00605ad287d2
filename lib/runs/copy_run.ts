/**
 * A run that was made elsewhere, as one of another folder.
 *
 * @module
 */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { type Split, writeSplit } from "../data/datasets/splits.ts";
import { readTextIfAny } from "../io/folders.ts";
import { writeFileAtomically } from "../io/write_file.ts";
import { keepCheckpoint } from "./kept_checkpoints.ts";
import { type Run, startRun, writeRunInfo } from "./run_folder.ts";

/** The records of a run that are copied. */
const RECORDS = ["metrics.jsonl", "quality.jsonl"];

/** Options of {@linkcode copyRun}. */
export interface CopyRunOptions {
  /** The run's own folder. */
  from: string;
  /** The settings of the copy: the run's, but for some that it did not depend on. */
  config: Config;
  /** Its patients, as they are called in the copy. */
  split: Split;
}

/**
 * Copies a run that is done: its last checkpoint, its records and what is told of it. The copy is done
 * once it is whole; whatever a kill leaves can be gone on with, or copied again.
 */
export async function copyRun(
  dir: string,
  { info: { log: _, ...info }, checkpoint }: Run,
  { from, config, split }: CopyRunOptions,
): Promise<void> {
  await startRun(dir, { config, info: { ...info, status: "running" } });
  await writeSplit(join(dir, "split.json"), split);
  for (const name of RECORDS) {
    const text = await readTextIfAny(join(from, name));
    if (text !== undefined) await writeFileAtomically(join(dir, name), text);
  }
  await keepCheckpoint(dir, checkpoint);
  await writeRunInfo(dir, info);
}
