/**
 * A sweep as jobs of Slurm: its stages in job arrays, the script that runs one, and what Slurm and
 * the logs tell of them. Jobs are known by their name and index alone, so that nothing need be kept
 * of what was submitted.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { excerpt } from "../../io/text/printable.ts";
import type { PlannedStage } from "../sweep/plan.ts";
import { shellWord } from "./shell_word.ts";

/** Indices of a job array: Slurm's MaxArraySize is 1001 unless a site sets another. */
const ARRAY_SIZE = 1000;

/** Seconds before the end of a job's time at which its run is told to save. */
const WARNING = 60;

/** How often a job is requeued at most: one whose time is too short to get anywhere never ends. */
const MOST_RESTARTS = 100;

/** What the script of a job says when it begins, once for every attempt. */
const BEGINNING = "submit: job ";

/** Stages that are submitted together: one job array. */
export interface JobArray {
  /** The number of the stage of index 0. */
  base: number;
  /** Indices of the array: numbers of stages, less the base. */
  indices: number[];
  /** Stages that have to be done before any of them. */
  after: number[];
}

/**
 * Puts stages into arrays: those that need nothing, and those of each pretraining.
 *
 * @returns the arrays; what one needs comes before it.
 */
export function jobArrays(stages: readonly Pick<PlannedStage, "id" | "after">[]): JobArray[] {
  const groups = Map.groupBy(stages, ({ id, after }) => `${after} ${placeOf(id).base}`);
  const arrays = [...groups.values()].map((group): JobArray => {
    const [{ id, after }] = group;
    const { base } = placeOf(id);
    return { base, indices: group.map(({ id }) => placeOf(id).index), after };
  });
  return arrays.sort((a, b) => a.after.length - b.after.length);
}

/** A stage's job within the arrays of a sweep: of which base, at which index. */
function placeOf(id: number): { base: number; index: number } {
  return { base: id - id % ARRAY_SIZE, index: id % ARRAY_SIZE };
}

/** The names of the jobs of a sweep, by which its folder is known. */
export function jobNames(out: string, stages: number): string[] {
  const count = Math.max(1, Math.ceil(stages / ARRAY_SIZE));
  return Array.from({ length: count }, (_, i) => jobName(out, i * ARRAY_SIZE));
}

function jobName(out: string, base: number): string {
  const digest = createHash("sha256").update(resolve(out)).digest("hex").slice(0, 8);
  return `${basename(resolve(out)).replaceAll(/[^\w.-]/g, "_")}-${digest}-${base}`;
}

/** Path of what the job of a stage prints, in all its attempts. */
export function jobLog(out: string, id: number): string {
  const { base, index } = placeOf(id);
  return join(out, "slurm", `${base}-${index}.log`);
}

/** Options of {@linkcode sbatchArguments}. */
export interface SbatchOptions {
  /** The sweep's folder. */
  out: string;
  /** Jobs that have to end well before, as `job_index`. */
  afterok: readonly string[];
  /** Jobs that have to end before, however they do. */
  afterany: readonly string[];
  /** Jobs of the array that run at the same time, at most. */
  maxParallel?: number;
  /** What else sbatch is told, after all of ours. */
  words: readonly string[];
}

/** The arguments by which sbatch takes an array; it reads the script from its input. */
export function sbatchArguments(
  { base, indices }: JobArray,
  { out, afterok, afterany, maxParallel, words }: SbatchOptions,
): string[] {
  const dependencies = [["afterok", ...afterok], ["afterany", ...afterany]]
    .filter(({ length }) => length > 1).map((parts) => parts.join(":"));
  // Slurm puts the index in place of %a.
  const folder = resolve(out, "slurm").replaceAll("%", "%%");
  return [
    "--parsable",
    `--job-name=${jobName(out, base)}`,
    `--array=${ranges(indices)}${maxParallel === undefined ? "" : `%${maxParallel}`}`,
    `--output=${folder}/${base}-%a.log`,
    "--open-mode=append",
    "--requeue",
    `--signal=B:TERM@${WARNING}`,
    ...dependencies.length ? [`--dependency=${dependencies}`, "--kill-on-invalid-dep=yes"] : [],
    ...words,
  ];
}

/** Whole numbers in ascending order, shortened: 0-3,7. */
export function ranges(numbers: readonly number[]): string {
  const found: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = found.at(-1);
    if (range && number === range[1] + 1) range[1] = number;
    else found.push([number, number]);
  }
  return found.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join();
}

/**
 * The script of an array's jobs. Slurm warns the script before a job's time is over, and tells every
 * process of a job that it takes away; the run then saves and ends with 130. What ran out of time
 * goes back into the queue.
 *
 * @param command The program and its arguments that run a stage, but for its number.
 */
export function jobScript({ base }: Pick<JobArray, "base">, command: readonly string[]): string {
  const [program, ...args] = command.map(shellWord);
  return `#!/bin/sh
job=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
run=$((${base} + SLURM_ARRAY_TASK_ID))
echo "${BEGINNING}$job runs number $run"
program=${program}
[ -x "$program" ] || program=$(basename "$program")
"$program" ${args.join(" ")} --run="$run" &
child=$!
trap 'kill -TERM $child 2>/dev/null' TERM
wait $child
code=$?
while kill -0 $child 2>/dev/null; do
  wait $child
  code=$?
done
if [ $code -eq 130 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${MOST_RESTARTS} ] &&
  [ "$(squeue --noheader --jobs="$job" --format=%T)" = RUNNING ]; then
  scontrol requeue "$job" && exec sleep 60
fi
exit $code
`;
}

/** A job in Slurm's queue. */
export interface QueuedJob {
  /** Its name there, `job_index`. */
  job: string;
  /** Whether it runs; else it waits. */
  running: boolean;
  /** Why it waits, as Slurm says. */
  reason: string;
}

/** What squeue is to print of a job, for {@linkcode parseQueue}. */
export const QUEUE_FORMAT = "%i|%j|%T|%r";

/** States in which a job has not begun; in all others that squeue prints, it runs or ends. */
const WAITING = ["PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT"];

/**
 * The jobs of a sweep, by their stages' numbers, from what squeue prints in {@linkcode QUEUE_FORMAT}
 * with a line for each index.
 */
export function parseQueue(text: string, out: string): Map<number, QueuedJob> {
  const prefix = jobName(out, 0).replace(/0$/, "");
  return new Map(
    text.split("\n").flatMap((line): [number, QueuedJob][] => {
      const [job, name, state, reason = ""] = line.trim().split("|");
      const index = Number(job.split("_")[1]);
      if (!name?.startsWith(prefix) || !Number.isSafeInteger(index)) return [];
      const id = Number(name.slice(prefix.length)) + index;
      return [[id, { job, running: !WAITING.includes(state), reason }]];
    }),
  );
}

/** How a job that is not in the queue any more ended without its stage being done. */
export interface JobEnd {
  /** Whether it failed, or was taken away and can go on. */
  state: "failed" | "stopped";
  /** Why. */
  why: string;
}

/** How a job ended, by what it printed; undefined where none began. */
export function jobEnd(log: string): JobEnd | undefined {
  const begin = log.lastIndexOf(BEGINNING);
  if (begin < 0) return undefined;
  const [, ...lines] = log.slice(begin).split("\n").map((line) => line.trim()).filter(Boolean);
  const error = lines.findLast((line) => /^sweep: (?!stopped)/.test(line));
  if (error) return { state: "failed", why: excerpt(error.slice("sweep: ".length), 500) };
  const cause = lines.flatMap((line) =>
    line.match(/^slurmstepd\S*: error: \*\*\* .* DUE TO (.*?) \*\*\*/)?.[1].toLowerCase() ?? []
  ).at(-1);
  if (cause) return { state: "stopped", why: cause };
  if (lines.some((line) => line.startsWith("sweep: stopped"))) {
    return { state: "stopped", why: "told to" };
  }
  const last = lines.at(-1);
  return {
    state: "failed",
    why: `killed, or its node went down${last ? `; it said last: ${excerpt(last, 300)}` : ""}`,
  };
}
