/**
 * Tasks in a worker whose permissions follow from the arguments. The flags of `deno run` cannot: they
 * are fixed before a task has seen its arguments, and Deno can take a permission back but not narrow
 * it down to a folder, except for a worker.
 *
 * @module
 */
import type { Access } from "./access.ts";

/** The variables of the environment that tasks look at. */
const VARIABLES = ["CI", "TERM", "XDG_RUNTIME_DIR"];

/** Whether this is the worker of a confined task. */
const confined = "WorkerGlobalScope" in globalThis;

/** Runs a module in a worker that reaches no more than `access`; the process ends with it. */
export function confine(module: URL, { read, write }: Access): void {
  const none = { net: false, run: false, ffi: false, sys: false, import: false } as const;
  const worker = new Worker(module, {
    type: "module",
    deno: { permissions: { ...none, read, write, env: VARIABLES } },
  });
  worker.onmessage = ({ data }) => Deno.exit(data);
}

/** The arguments of a task; a confined one's name comes before them. */
export function taskArguments(): string[] {
  return confined ? Deno.args.slice(1) : Deno.args;
}

/** Ends the process, from a confined task too. */
export function exit(code: number): Promise<never> {
  if (!confined) Deno.exit(code);
  self.postMessage(code);
  return new Promise(() => {});
}
