/**
 * What is to be done of a sweep and what is done, as files: by them, processes that know nothing of
 * each other share the work.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfAny } from "../../io/folders.ts";
import { inGroups } from "../../io/in_groups.ts";
import { isDone } from "../../runs/run_folder.ts";
import { parseRow } from "../known_runs.ts";
import { type PlannedStage, plannedStages, runFolder, stageTitle, type SweepPlan } from "./plan.ts";
import type { SweepRow } from "../result.ts";

/** The content of `plan.json`: every stage of a sweep, for whatever is to start them. */
export interface StageList {
  /** Version of this form. */
  schema: "pix2rep.stages/1";
  /** The dataset's name. */
  dataset: string;
  /**
   * The stages: `id` is the K of `sweep --run K`, `folder` lies below the sweep's, and `after` are
   * the ids of those that have to be done before.
   */
  stages: { id: number; title: string; folder: string; after: number[] }[];
}

/** The stages of a plan as plain data. */
export function stageList(plan: SweepPlan, dataset: string): StageList {
  return {
    schema: "pix2rep.stages/1",
    dataset,
    stages: plannedStages(plan).map((stage) => {
      const { id, folder, after } = stage;
      return { id, title: stageTitle(stage), folder, after };
    }),
  };
}

/** Path of the row that a run leaves when it is done. */
export function rowPath(out: string, folder: string): string {
  return join(out, folder, "row.json");
}

/** Whether a stage is done, by the files in the sweep's folder. */
export async function stageDone(out: string, { folder, run }: PlannedStage): Promise<boolean> {
  return run ? await readRow(out, folder) !== undefined : await isDone(join(out, folder));
}

/**
 * The row of a run, or undefined where it is not done.
 *
 * @throws {SyntaxError} if the file is damaged.
 */
export async function readRow(out: string, folder: string): Promise<SweepRow | undefined> {
  const path = rowPath(out, folder);
  const text = await readTextIfAny(path);
  if (text === undefined) return undefined;
  try {
    return parseRow(text, path);
  } catch (error) {
    const { message } = error as Error;
    throw new SyntaxError(`${message}; remove it, and the run is done from its last checkpoint`);
  }
}

/** What is there of a sweep, and what is not. */
export interface SweepState {
  /** The rows of the runs that are done, those that are known from elsewhere first. */
  rows: SweepRow[];
  /** The stages that are left to do: runs, and the pretrainings that these need. */
  left: PlannedStage[];
}

/**
 * Reads what is done of a plan.
 *
 * @param known Rows of runs that need not be run, by their folder.
 */
export async function sweepState(
  out: string,
  plan: SweepPlan,
  known: ReadonlyMap<string, SweepRow> = new Map(),
): Promise<SweepState> {
  const stages = plannedStages(plan, (run) => !known.has(runFolder(run)));
  const found = await inGroups(stages, async (stage) => {
    if (stage.run) return await readRow(out, stage.folder);
    return await stageDone(out, stage);
  });
  const rows = found.filter((row) => typeof row === "object");
  return { rows: [...known.values(), ...rows], left: stages.filter((_, i) => !found[i]) };
}
