/// <reference lib="deno.worker" />
/**
 * Tasks in a worker whose permissions follow from the arguments. The flags of `deno run` cannot: they
 * are fixed before a task has seen its arguments, and Deno can take a permission back but not narrow
 * it down to a folder, except for a worker.
 *
 * @module
 */
import type { Access } from "./access.ts";
import { INTERRUPTED, listenToSignals } from "./interruption.ts";

/** The variables of the environment that tasks look at. */
const VARIABLES = ["CI", "TERM", "XDG_RUNTIME_DIR"];

/** Whether this is the worker of a confined task. */
const confined = "WorkerGlobalScope" in globalThis;

/** What a worker of {@linkcode startHelper} runs. */
const HELPER = new URL("../sweeps/sweep_worker.ts", import.meta.url);

/**
 * What a confined task asks its process for: to end with a code, a helper for the port that comes
 * along, or to be told of an interruption. (It must ask: what it is told before it listens is lost.)
 */
type Request = number | "helper" | "interruption";

/** What a process tells its confined task: to end. */
const STOP = "stop";

/**
 * Runs a module in a worker that reaches no more than `access`; the process ends with it, and follows
 * the signals meanwhile, because a worker that computes would see them late.
 *
 * @param commit Of the toolkit; told to the worker, and to its helpers, as their name.
 */
export function confine(module: URL, { read, write, run = [] }: Access, commit = ""): void {
  const none = { net: false, ffi: false, sys: false, import: false } as const;
  const permissions = { ...none, read, write, run, env: VARIABLES };
  const start = (module: URL) => {
    const worker = new Worker(module, { type: "module", name: commit, deno: { permissions } });
    worker.onerror = tellMissing;
    return worker;
  };
  const interruption = interruptionSignal();
  const worker = start(module);
  worker.onmessage = ({ data, ports }: MessageEvent<Request>) => {
    if (data === "helper") start(HELPER).postMessage(null, [...ports]);
    else if (data === "interruption") whenAborted(interruption, () => worker.postMessage(STOP));
    else Deno.exit(data);
  };
}

/** A signal of this process's interruption, in a confined task too. */
export function interruptionSignal(): AbortSignal {
  const interruption = new AbortController();
  const stop = () => interruption.abort();
  if (confined) {
    self.addEventListener("message", (event) => "data" in event && event.data === STOP && stop());
    self.postMessage("interruption" satisfies Request);
  } else {
    listenToSignals({ stop, end: () => Deno.exit(INTERRUPTED) });
  }
  return interruption.signal;
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act);
}

/** Says in one line which library Deno's cache lacks: a task fetches none. */
function tellMissing(event: ErrorEvent): void {
  const [, library] = event.message.match(/npm package '(\S+)'[^]*--cached-only/) ?? [];
  if (library === undefined) return;
  event.preventDefault();
  console.error(
    `expected ${library} in Deno's cache, found none; deno install fetches what deno.lock names`,
  );
  Deno.exit(1);
}

/**
 * Starts another worker beside a confined task, that reaches no more than it does, and returns the
 * port to talk to it. The process starts it: a task may not read code.
 */
export function startHelper(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  self.postMessage("helper" satisfies Request, { transfer: [port2] });
  return port1;
}

/** In a helper, the port to whoever asked for it. */
export function helperPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    self.onmessage = ({ ports: [port] }: MessageEvent) => resolve(port);
  });
}

/** The arguments of a task; a confined one's name comes before them. */
export function taskArguments(): string[] {
  return confined ? Deno.args.slice(1) : Deno.args;
}

/** A confined task's name and arguments, and the toolkit's commit where it is known. */
export function confinedStart(): { task: string; args: string[]; commit?: string } | undefined {
  if (!confined) return undefined;
  const [task, ...args] = Deno.args;
  return { task, args, ...(self.name && { commit: self.name }) };
}

/** Ends the process, from a confined task too. */
export function exit(code: number): Promise<never> {
  if (!confined) Deno.exit(code);
  self.postMessage(code);
  return new Promise(() => {});
}
