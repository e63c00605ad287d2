/**
 * A training task's run, shown while it is recorded.
 *
 * @module
 */
import type { Config } from "../../../lib/config/config.ts";
import type { LoopHooks } from "../../../lib/training/loop.ts";
import type { SinkName } from "../../../lib/runs/sinks/run_sink.ts";
import type { Outcome } from "../command/outcome.ts";
import { duration } from "../../../lib/io/text/amounts.ts";
import type { Voice } from "../command/voice.ts";

/** Options of {@linkcode showRun}. */
export interface ShowRunOptions {
  /** Every setting. */
  config: Config;
  /** Slices per step, for the rate that is shown. */
  batch: number;
  /** Where it computes. */
  backend: string;
  /** Shows it. */
  voice: Voice;
}

/** Makes a run, which reports its steps, with its progress on display. */
export async function showRun(
  { config, batch, backend, voice }: ShowRunOptions,
  make: (onSteps: LoopHooks["onSteps"]) => Promise<unknown>,
): Promise<void> {
  const started = performance.now();
  const display = voice.progress();
  let end = "";
  voice.detail(JSON.stringify(config));
  await make((records, steps) => {
    const last = records.at(-1);
    if (!last) return;
    const { step, loss } = last;
    display.update(step / steps, {
      doing: `step ${step} of ${steps}`,
      ...{ loss, slices: step * batch, backend },
    });
    end = `, ${step} steps to a loss of ${loss.toFixed(4)}`;
  });
  voice.note(`done in ${duration((performance.now() - started) / 1000)} on ${backend}${end}`);
}

/** The files of a run, for its outcome. */
export function runFiles(dir: string, log: readonly SinkName[] = []): Outcome["written"] {
  return {
    folder: dir,
    files: {
      "report.html": "what patients tell who were held out; open it in a browser",
      "checkpoint/": "the weights",
      "config.json": "every setting",
      "auto.json": "why the plan chose them",
      "metrics.jsonl": "loss and learning rate of every step",
      "quality.jsonl": "measurements of the features",
      "validation.jsonl": "Dice on slices of patients who are not trained on",
      "validation.png": "the same as a curve, of every fold where there are some",
      "folds/": "the models that each held some patients out",
      "metrics.csv": "every structure of every scan, by a model that held its patient out",
      "summary.json": "the averages, by phase too",
      "run.json": "what was run, where, how long",
      "split.json": "who was trained on, who is left to test on",
      "training.csv": "metrics.jsonl as a table",
      "quality.csv": "quality.jsonl as a table",
      "validation.csv": "validation.jsonl as a table",
      ...(log.includes("tensorboard") &&
        { "events.out.tfevents.*": `for tensorboard --logdir ${dir}` }),
    },
  };
}
