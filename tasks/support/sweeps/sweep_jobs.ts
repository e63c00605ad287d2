/**
 * A sweep in several workers at the same time, each of which runs one stage after the other.
 *
 * @module
 */
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import type { PlannedStage, SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import type { SweepResult } from "../../../lib/experiments/result.ts";
import { sweepState } from "../../../lib/experiments/sweep/stages.ts";
import type { SweepProgress } from "../../../lib/experiments/sweep/progress.ts";
import type { SweepOptions } from "../../../lib/experiments/sweep/sweep.ts";
import { collectSweep, prepareSweep, rowsOf } from "../../../lib/experiments/sweep/sweep_folder.ts";
import { startHelper } from "../command/confine.ts";

/** What a worker is told first: the sweep, and where to compute. */
export interface JobSettings {
  /** The dataset. */
  dataset: Dataset;
  /** The plan. */
  plan: SweepPlan;
  /** How its stages are run. */
  options: Pick<SweepOptions, "out" | "saveEvery" | "finished">;
  /** `--backend` and `--precision`. */
  backend: { choice: string; precision: string };
  /** Threads of the simd backend. */
  threads: number;
}

/** What a worker is told: how to begin, a stage to run, to stop the one that it runs. */
export type Order = { begin: JobSettings } | { run: number } | { stop: true };

/** What a worker answers. */
export type Answer =
  | { progress: SweepProgress }
  | { warning: string }
  | { done: number }
  | { failed: { message: string; stack?: string } }
  | { stopped: true };

/** Options of {@linkcode runJobs}. */
export interface RunJobsOptions extends SweepOptions, Pick<JobSettings, "backend"> {
  /** How many workers there are. */
  jobs: number;
}

/**
 * Runs what is left of a sweep in several workers.
 *
 * @returns the content of `result.json`.
 * @throws {Error} the first error of a stage, once the other workers have saved theirs.
 * @throws The signal's reason when interrupted.
 */
export async function runJobs(
  dataset: Dataset,
  plan: SweepPlan,
  { out, saveEvery, finished, jobs, backend, known, signal, onProgress, onWarning }: RunJobsOptions,
): Promise<SweepResult> {
  await prepareSweep(dataset, plan, { out });
  const { left } = await sweepState(out, plan, rowsOf(dataset, plan, known));
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / jobs));
  const queue = stageQueue(left);
  const follow = follower(left.length, onProgress);
  const warn = once(onWarning);
  // A signal that is aborted already sends no event.
  signal?.throwIfAborted();
  const lanes = Array.from({ length: Math.min(jobs, left.length) }, async () => {
    const options = { out, saveEvery, finished };
    const worker = startWorker({ dataset, plan, options, backend, threads });
    signal?.addEventListener("abort", () => worker.stop());
    queue.onClose(() => worker.stop());
    for (let stage = await queue.next(); stage; stage = await queue.next()) {
      const { id } = stage;
      try {
        await worker.run(id, { onProgress: (state) => follow(id, state), onWarning: warn });
      } catch (error) {
        queue.close();
        throw signal?.aborted ? signal.reason : error;
      }
      follow(id);
      queue.done(id);
    }
  });
  const ended = await Promise.allSettled(lanes);
  signal?.throwIfAborted();
  const errors = ended.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  if (errors.length) throw errors.find((error) => error !== STOPPED);
  const result = await collectSweep(dataset, plan, { out, known });
  if (result) return result;
  throw new Error(`${out}: expected every run's row.json, found one gone; run the command again`);
}

/** Passes each warning on the first time. */
function once(warn: SweepOptions["onWarning"]): (warning: string) => void {
  const warned = new Set<string>();
  return (warning) => {
    if (!warned.has(warning)) warn?.(warning);
    warned.add(warning);
  };
}

/** What a stage ends with that was told to stop. */
const STOPPED = new Error("stopped");

/** A worker that runs stages. */
interface Job {
  run: (
    id: number,
    hooks: Required<Pick<SweepOptions, "onProgress" | "onWarning">>,
  ) => Promise<void>;
  stop: () => void;
}

function startWorker(settings: JobSettings): Job {
  const port = startHelper();
  const tell = (order: Order) => port.postMessage(order);
  tell({ begin: settings });
  return {
    run: (id, { onProgress, onWarning }) =>
      new Promise((resolve, reject) => {
        port.onmessage = ({ data }: MessageEvent<Answer>) => {
          if ("progress" in data) onProgress(data.progress);
          else if ("warning" in data) onWarning(data.warning);
          else if ("done" in data) resolve();
          else if ("stopped" in data) reject(STOPPED);
          else reject(Object.assign(new Error(data.failed.message), { stack: data.failed.stack }));
        };
        tell({ run: id });
      }),
    stop: () => tell({ stop: true }),
  };
}

/** Hands out stages in order, each once those that it needs are done. */
function stageQueue(left: readonly PlannedStage[]) {
  let waiting = [...left];
  const open = new Set(left.map(({ id }) => id));
  const closing: (() => void)[] = [];
  let change = Promise.withResolvers<void>();
  return {
    next: async (): Promise<PlannedStage | undefined> => {
      while (waiting.length) {
        const ready = waiting.findIndex(({ after }) => !after.some((id) => open.has(id)));
        if (ready >= 0) return waiting.splice(ready, 1)[0];
        await change.promise;
      }
      return undefined;
    },
    done: (id: number) => {
      open.delete(id);
      change.resolve();
      change = Promise.withResolvers();
    },
    /** Hands out no more, and tells those that asked to know. */
    close: () => {
      waiting = [];
      change.resolve();
      closing.splice(0).forEach((tell) => tell());
    },
    onClose: (tell: () => void) => void closing.push(tell),
  };
}

/** Makes one progress of all workers': a stage counts as one part, however long it takes. */
function follower(parts: number, onProgress: SweepOptions["onProgress"]) {
  const running = new Map<number, number>();
  let done = 0;
  return (id: number, state?: SweepProgress) => {
    if (state) running.set(id, state.fraction);
    else if (running.delete(id)) done++;
    if (!state) return;
    const started = [...running.values()].reduce((sum, fraction) => sum + fraction, 0);
    const { stage, loss } = state;
    onProgress?.({ stage, part: done + 1, parts, fraction: (done + started) / parts, loss });
  };
}
