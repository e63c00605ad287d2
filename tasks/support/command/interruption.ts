/**
 * Requests to end a process: a Ctrl-C, a terminal that is closed, a scheduler's signal before it kills.
 *
 * @module
 */
import { screenOf } from "./terminal.ts";

/** The exit code of a run that was interrupted, as a shell has it for Ctrl-C. */
export const INTERRUPTED = 130;

/**
 * Milliseconds between two presses: `deno task` hands a Ctrl-C on to a process that the terminal has
 * told already, so that one press comes twice.
 */
const APART = 1000;

/** Requests to end that are no key: each may come to every process of a job, which passes it on. */
const REQUESTS = ["SIGTERM", "SIGHUP"] as const;

/** What an interruption leads to. */
export interface InterruptionOptions {
  /** Begins to end, with all saved; called once. */
  stop: () => void;
  /** Ends at once. */
  end: () => void;
  /** Tells people what is going on. */
  announce: (line: string) => void;
  /** The time in milliseconds; for tests. */
  now?: () => number;
}

/** What to do at a press of Ctrl-C, and at any other request to end. */
export function interruption(
  { stop, end, announce, now = () => performance.now() }: InterruptionOptions,
): { press: () => void; request: () => void } {
  let first: number | undefined;
  const request = () => {
    if (first !== undefined) return;
    first = now();
    announce("stopping; press Ctrl-C again to stop at once");
    stop();
  };
  const press = () => {
    if (first !== undefined && now() - first > APART) return end();
    request();
  };
  return { press, request };
}

/**
 * Follows the signals of this process, in a thread that never computes for long: the time between two
 * presses is that of their handling.
 */
export function listenToSignals({ stop, end }: Pick<InterruptionOptions, "stop" | "end">): void {
  const announce = (line: string) => {
    const screen = screenOf("stderr");
    screen.rewrite?.("");
    screen.print(line);
  };
  const { press, request } = interruption({ stop, end, announce });
  Deno.addSignalListener("SIGINT", press);
  // Windows has none of the others.
  if (Deno.build.os === "windows") return;
  for (const signal of REQUESTS) Deno.addSignalListener(signal, request);
  // Where someone listens, a file beyond `ulimit -f` is an error (EFBIG), not the process's end.
  Deno.addSignalListener("SIGXFSZ", () => {});
}
