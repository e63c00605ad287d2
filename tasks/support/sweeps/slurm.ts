/**
 * Slurm's own programs: what waits and runs, and handing in more.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { link } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextIfAny } from "../../../lib/io/folders.ts";
import { inGroups } from "../../../lib/io/in_groups.ts";
import { makeFolder, writeFileAtomically } from "../../../lib/io/write_file.ts";
import type { PlannedStage } from "../../../lib/experiments/sweep/plan.ts";
import { counted } from "../../../lib/io/text/amounts.ts";
import {
  type JobArray,
  jobArrays,
  jobEnd,
  jobLog,
  jobNames,
  jobScript,
  parseQueue,
  QUEUE_FORMAT,
  type QueuedJob,
  sbatchArguments,
} from "../../../lib/experiments/cluster/slurm.ts";

/** Where a stage is. */
export interface StageStatus {
  /** The stage. */
  stage: PlannedStage;
  /** Running, waiting in the queue, ended without being done, or not begun. */
  state: "done" | "running" | "waiting" | "failed" | "stopped" | "new";
  /** Why it waits or is not done. */
  why?: string;
  /** Its job, while it is in the queue. */
  job?: string;
}

/** The jobs of a sweep that wait or run, by their stages' numbers. */
export async function queuedJobs(out: string, stages: number): Promise<Map<number, QueuedJob>> {
  const names = jobNames(out, stages).join();
  const text = await runProgram("squeue", [
    "--me",
    "--array",
    "--noheader",
    `--name=${names}`,
    `--format=${QUEUE_FORMAT}`,
  ]);
  return parseQueue(text, out);
}

/** Where the stages of a sweep are. */
export async function stageStatuses(
  stages: readonly PlannedStage[],
  { out, left, queue }: {
    out: string;
    left: readonly PlannedStage[];
    queue: ReadonlyMap<number, QueuedJob>;
  },
): Promise<StageStatus[]> {
  const open = new Set(left.map(({ id }) => id));
  return await inGroups(stages, async (stage): Promise<StageStatus> => {
    const queued = queue.get(stage.id);
    if (!open.has(stage.id)) return { stage, state: "done" };
    if (!queued) {
      const log = await readTextIfAny(jobLog(out, stage.id));
      return { stage, ...(log && jobEnd(log)) || { state: "new" } };
    }
    const { job, running, reason } = queued;
    if (running) return { stage, state: "running", job };
    return { stage, state: "waiting", job, ...reason !== "None" && { why: reason } };
  });
}

/** An array that can be handed in: its arguments for sbatch, and its script. */
export interface Submission {
  /** The array. */
  array: JobArray;
  /** Arguments of sbatch. */
  args: string[];
  /** The script that its jobs run. */
  script: string;
}

/** Options of {@linkcode submissions}. */
export interface SubmissionOptions {
  /** The sweep's folder. */
  out: string;
  /** Where all of its stages are. */
  statuses: readonly StageStatus[];
  /** The program and its arguments that run a stage, but for its number. */
  command: readonly string[];
  /** Jobs at the same time, at most; then arrays wait for each other. */
  maxParallel?: number;
  /** What else sbatch is told. */
  words: readonly string[];
}

/**
 * What to hand in, one after the other: where an array is handed in, the number of its job is told to
 * `next`, because later ones wait for it.
 */
export function* submissions(
  { out, statuses, command, maxParallel, words }: SubmissionOptions,
): Generator<Submission, void, string> {
  const jobs = new Map(statuses.flatMap(({ stage, job }) => job ? [[stage.id, job]] : []));
  const isDone = new Set(
    statuses.filter(({ state }) => state === "done").map(({ stage }) => stage.id),
  );
  let before = maxParallel === undefined
    ? []
    : [...new Set([...jobs.values()].map((job) => job.split("_")[0]))];
  for (const array of jobArrays(toSubmit(statuses))) {
    const afterok = array.after.filter((id) => !isDone.has(id)).flatMap((id) => jobs.get(id) ?? []);
    const args = sbatchArguments(array, { out, afterok, afterany: before, maxParallel, words });
    const job = yield { array, args, script: jobScript(array, command) };
    for (const index of array.indices) jobs.set(array.base + index, `${job}_${index}`);
    if (maxParallel !== undefined) before = [job];
  }
}

/** The stages that are neither done nor in the queue. */
export function toSubmit(statuses: readonly StageStatus[]): PlannedStage[] {
  return statuses.filter(({ state }) => ["failed", "stopped", "new"].includes(state))
    .map(({ stage }) => stage);
}

/**
 * Hands in arrays.
 *
 * @returns the numbers of their jobs.
 * @throws {Error} where Slurm refuses one; those before stay in the queue.
 */
export async function submitArrays(options: SubmissionOptions): Promise<string[]> {
  const { out, statuses } = options;
  await inGroups(toSubmit(statuses), (stage) => prepareLog(out, stage));
  const all = submissions(options);
  const jobs: string[] = [];
  for (let next = all.next(); !next.done; next = all.next(jobs.at(-1)!)) {
    const { args, script } = next.value;
    try {
      // On a federation of clusters its name follows.
      jobs.push((await runProgram("sbatch", args, script)).trim().split(";")[0]);
    } catch (error) {
      if (jobs.length === 0) throw error;
      const { message } = error as Error;
      const sent = counted(jobs.length, "job array");
      throw new Error(`${message}; ${sent} before it were submitted, the same command goes on`);
    }
  }
  return jobs;
}

/**
 * Makes a stage's log one file by two names: Slurm writes to a path with the job's index in it, people
 * look into the run's folder. Where the file system has no such links, the log has the first alone.
 */
async function prepareLog(
  out: string,
  { id, folder }: Pick<PlannedStage, "id" | "folder">,
): Promise<void> {
  const [log, shown] = [jobLog(out, id), join(out, folder, "slurm.log")];
  if (existsSync(log)) return;
  await makeFolder(dirname(log));
  await makeFolder(dirname(shown));
  await writeFileAtomically(shown, "");
  await link(shown, log).catch(() => writeFileAtomically(log, ""));
}

/** Runs one of Slurm's programs and returns what it prints. */
async function runProgram(
  program: "sbatch" | "squeue",
  args: readonly string[],
  input = "",
): Promise<string> {
  try {
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    // A program that ends without reading has said why.
    await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    if (code === 0) return text(stdout);
    const why = text(stderr).replaceAll(`${program}: error: `, "").split("\n").join("; ");
    throw new Error(`${program} ended with ${code}: ${why}`);
  } catch (error) {
    throw explained(error, program);
  }
}

function explained(error: unknown, program: string): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new Error(
      `expected Slurm's ${program}, found none; submit from where jobs are submitted, or see what ` +
        "would be with --dry-run",
      { cause: error },
    );
  }
  const variable = error instanceof Deno.errors.NotCapable && error.message.match(/\bLD_\w+/)?.[0];
  if (!variable) return error;
  return new Error(
    `expected no ${variable} in the environment, found one, with which Deno starts no program; ` +
      `begin with env -u ${variable} deno task submit, jobs can have it by --slurm ` +
      `"--export=ALL,${variable}=…"`,
  );
}
