/**
 * The checkpoints that a run keeps in its folder: the last, the one before it, and, of a pretraining
 * that is measured with labels, the best.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { Safetensors } from "../training/weights/safetensors.ts";

/** Which checkpoint of a run. */
export type CheckpointName = "last" | "previous" | "best";

const FILES: Record<CheckpointName, string> = {
  last: "model.safetensors",
  previous: "previous.safetensors",
  best: "best.safetensors",
};

/** A checkpoint that was read. */
export interface KeptCheckpoint {
  /** Its content. */
  checkpoint: Safetensors;
  /** What is wrong with the last one, where this is the one before. */
  damage?: string;
}

/** Path of a run's checkpoint; the last one's by default. */
export function checkpointPath(dir: string, name: CheckpointName = "last"): string {
  return join(dir, "checkpoint", FILES[name]);
}

/** Whether a run has a checkpoint to go on from or to be used. */
export function hasCheckpoint(dir: string): boolean {
  return (["last", "previous"] as const).some((name) => existsSync(checkpointPath(dir, name)));
}

/** Keeps a checkpoint as a run's last, and the last one until now as the one before. */
export async function keepCheckpoint(dir: string, checkpoint: Safetensors): Promise<void> {
  const previous = checkpointPath(dir, "previous");
  await writeCheckpoint(checkpointPath(dir), checkpoint, { previous });
}

/** Keeps a checkpoint as a run's best. */
export async function keepBest(dir: string, checkpoint: Safetensors): Promise<void> {
  await writeCheckpoint(checkpointPath(dir, "best"), checkpoint);
}

/**
 * Reads a run's last checkpoint or, where that is damaged or missing, the one before it.
 *
 * @returns undefined where there is neither.
 * @throws {SyntaxError} if the last one is damaged and there is no sound one before it.
 */
export async function readKept(dir: string): Promise<KeptCheckpoint | undefined> {
  const last = await readIfAny(checkpointPath(dir));
  if (last && !(last instanceof SyntaxError)) return { checkpoint: last };
  const previous = await readIfAny(checkpointPath(dir, "previous"));
  if (previous && !(previous instanceof SyntaxError)) {
    const damage = last?.message ?? `${checkpointPath(dir)}: no such file`;
    return { checkpoint: previous, damage };
  }
  const damage = last ?? previous;
  if (damage) throw damage;
  return undefined;
}

/** Removes a last checkpoint that is damaged, so that it never takes the place of the one before. */
export async function dropDamaged(dir: string): Promise<void> {
  await rm(checkpointPath(dir), { force: true });
}

/** A checkpoint, what is wrong with it, or undefined where there is none. */
async function readIfAny(path: string): Promise<Safetensors | SyntaxError | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return await readCheckpoint(path);
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}
