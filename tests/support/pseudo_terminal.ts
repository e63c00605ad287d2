/** Tasks as people start them: by `deno task`, in a terminal, with keys that are pressed. */
import { fileURLToPath } from "node:url";
import { pythonWith, runPython } from "./python.ts";

/** Runs a program in a pseudo-terminal, presses Ctrl-C or closes it, and tells how it ended. */
const PROGRAM = `
import json, os, pty, select, signal, sys, time
acts = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
start = acted = time.monotonic()
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(int(sys.argv[2]))
output = b""
while terminal is not None:
    now = time.monotonic()
    if acts and now >= start + acts[0][0]:
        acted = now
        if acts.pop(0)[1] == "close":
            os.close(terminal)
            terminal = None
        else:
            os.write(terminal, b"\\x03")
        continue
    wait = start + acts[0][0] - now if acts else None
    if not select.select([terminal], [], [], wait)[0]:
        continue
    try:
        text = os.read(terminal, 65536)
    except OSError:
        text = b""
    if not text:
        break
    output += text
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
ended = time.monotonic() - acted
print(json.dumps({"code": code, "output": output.decode(errors="replace"), "seconds": ended}))
`;

/** Something done to a terminal, so many seconds after the start. */
export type Act = readonly [seconds: number, act: "press Ctrl-C" | "close"];

/** How a program in a terminal ended. */
export interface TerminalOutcome {
  /** Its exit code; negative where a signal ended it. */
  code: number;
  /** What it showed, until the terminal was closed. */
  output: string;
  /** Seconds from the last act to its end. */
  seconds: number;
}

const python = Deno.build.os === "windows" ? undefined : await pythonWith("pty");

/** Options of a test that needs a pseudo-terminal: skipped, saying so, where there is none. */
export function withTerminal(name: string): { name: string; ignore: boolean } {
  const ignore = python === undefined;
  return { name: ignore ? `${name} (skipped: no Python with pty)` : name, ignore };
}

/** Seconds after which a task is killed that does not end. */
const LONGEST = 60;

/** Runs a task in a terminal of its own, in the project's folder. */
export async function inTerminal(
  task: string,
  args: readonly string[],
  acts: readonly Act[],
): Promise<TerminalOutcome> {
  const text = await runPython(python!, PROGRAM, {
    dir: fileURLToPath(new URL("../..", import.meta.url)),
    args: [JSON.stringify(acts), `${LONGEST}`, Deno.execPath(), "task", task, ...args],
  });
  return JSON.parse(text);
}
