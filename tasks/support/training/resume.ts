/**
 * Runs that are gone on with.
 *
 * @module
 */
import { hasCheckpoint } from "../../../lib/runs/kept_checkpoints.ts";
import { reopenRun, type Run } from "../../../lib/runs/run_folder.ts";
import { UsageError, type Values } from "../command/command.ts";
import type { Option } from "../command/help.ts";
import { dataArguments } from "../command/options.ts";
import { commandLine } from "../command/outcome.ts";
import type { Voice } from "../command/voice.ts";

/** `--resume`, of a task that has a run of its own. */
export const RESUME_OPTION: Record<string, Option> = {
  resume: { value: "", help: "goes on with the run in --out, with its own configuration" },
};

/**
 * The run in --out that `--resume` goes on with.
 *
 * @param fixed Names of options that the run has settled.
 */
export async function resumedRun(
  values: Values,
  { fixed, kinds, voice }: { fixed: string[]; kinds: readonly string[]; voice: Voice },
): Promise<Run> {
  const other = fixed.find(values.given);
  if (other) {
    throw new UsageError(`--resume goes on with the run's own configuration: leave out --${other}`);
  }
  const run = await reopenRun(values.text("out"), kinds);
  run.warnings.forEach(voice.warn);
  return run;
}

/** What to do after an interruption of a run that {@linkcode RESUME_OPTION} goes on with. */
export function howToGoOn(task: string, values: Values): string {
  const out = values.text("out");
  if (!hasCheckpoint(out)) return "nothing was saved yet, the same command begins anew";
  const command = commandLine(task, [...dataArguments(values), "--out", out, "--resume"]);
  return `--resume goes on from its last checkpoint: ${command}`;
}
