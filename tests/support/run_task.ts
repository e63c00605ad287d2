/** Runs the tasks as their users do: as processes, with the permissions that deno.json gives them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { v8Flags } from "../../tasks/support/command/v8_flags.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const { tasks }: { tasks: Record<string, { command: string }> } = JSON.parse(
  readFileSync(`${root}/deno.json`, "utf8"),
);

/** Settings that make a task take a second: four small slices a step, a U-Net of two levels. */
export const TINY = [
  "grid.size=16",
  "grid.spacing=2",
  "backbone.widths=[4,8]",
  "backbone.features=4",
  "projection.width=8",
  "loss.pixels=50",
  "pretraining.batch=4",
  "adaptation.iterations=3",
  "adaptation.batch=4",
  "adaptation.probe.iterations=3",
  "adaptation.meanTeacher.batch=2",
  "adaptation.meanTeacher.warmup=0",
  "adaptation.weakToStrong.batch=2",
  "adaptation.weakToStrong.warmup=0",
  "adaptation.inContext.pixelsPerSlice=20",
].flatMap((setting) => ["--set", setting]);

/** How a task ended. */
export interface TaskOutcome {
  /** Its exit code. */
  code: number;
  /** What it printed. */
  stdout: string;
  /** What it complained of. */
  stderr: string;
}

/** The names of the tasks that users run. */
export function taskNames(): string[] {
  return Object.keys(tasks).filter((name) => name !== "start" && whole(name).includes("deno run "));
}

/** A task's command in deno.json, with that of the task `start` where it hands its work to that. */
function whole(name: string): string {
  return tasks[name].command.replace("deno task --quiet start", () => tasks.start.command);
}

/** The words of a task's command in deno.json, after "deno", as its shell would pass them on. */
export function taskCommand(name: string): string[] {
  const flags = v8Flags(Deno.version.v8);
  return whole(name).replace(/^export .*? && /, "")
    .replace("$(deno run tasks/support/command/v8_flags.ts)", flags)
    .split(" ").slice(1).filter((word) => word !== "");
}

/** The variables that a task's command sets for Deno itself. */
export function taskEnvironment(name: string): Record<string, string> {
  const [, variables = ""] = whole(name).match(/^export (.*?) && /) ?? [];
  return Object.fromEntries(
    [...variables.matchAll(/(\S+?)=(\S+)/g)].map(([, key, value]) => [key, value]),
  );
}

/** Options of {@linkcode startTask}. */
export interface StartTaskOptions {
  /** How many blocks of 512 bytes a file may have: it stands for a full disk. */
  fileBlocks?: number;
  /** A folder with programs that come before others of their name. */
  programs?: string;
  /** The file that Deno itself lists every path in which is reached, a line of JSON each. */
  audit?: string;
}

/** Starts a task in the project's folder. */
export function startTask(
  name: string,
  args: readonly string[],
  { fileBlocks, programs, audit }: StartTaskOptions = {},
): Deno.ChildProcess {
  const run = [Deno.execPath(), ...taskCommand(name), ...args];
  // The limit's signal is ignored, so that a write fails as on a full disk.
  const limit = `trap '' XFSZ; ulimit -f ${fileBlocks}; exec "$0" "$@"`;
  const [program, ...rest] = fileBlocks === undefined ? run : ["sh", "-c", limit, ...run];
  return new Deno.Command(program, {
    args: rest,
    cwd: root,
    env: {
      ...{ NO_COLOR: "1", ...taskEnvironment(name) },
      ...(audit && { DENO_AUDIT_PERMISSIONS: audit }),
      ...(programs && { PATH: `${programs}:${Deno.env.get("PATH")}` }),
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a task to its end. */
export async function runTask(name: string, ...args: string[]): Promise<TaskOutcome> {
  return await outcome(startTask(name, args));
}

/** Waits for a task that was started. */
export async function outcome(task: Deno.ChildProcess): Promise<TaskOutcome> {
  const { code, stdout, stderr } = await task.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a task that has to succeed, and returns what it printed. */
export async function expectDone(name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runTask(name, ...args);
  if (code !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Does something for every item, two at a time: as many processes as a small machine has cores. */
export async function twoAtATime<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
