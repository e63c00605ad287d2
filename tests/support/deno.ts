/** Deno itself, run by tests as a program. */
import { fileURLToPath } from "node:url";
import { outcome, type TaskOutcome } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs `deno` with some arguments, in the project's folder unless another is named. */
export function runDeno(args: string[], { cwd = root } = {}): Promise<TaskOutcome> {
  return outcome(
    new Deno.Command(Deno.execPath(), {
      args,
      cwd,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
}
