/** What becomes of `probe.ts` in the place of a task. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { writeStack } from "./dicom.ts";
import { taskCommand, taskEnvironment } from "./run_task.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What was tried and how it ended, of files and in each kind of thread. */
export type Tried = Record<"files" | "task" | "worker" | "thread", Record<string, string>>;

/** Options of {@linkcode probed}. */
export interface ProbedOptions {
  /** Runs a program: `Deno.Command` by default. */
  run?: (command: string[], env: Record<string, string>) => Promise<string>;
}

/** Runs the probe with the flags of a task, confined as the task is, on data and for an `--out` in `dir`. */
export async function probed(
  name: string,
  dir: string,
  { run = output }: ProbedOptions = {},
): Promise<Tried> {
  // Commas separate the folders of Deno's own flags.
  const [data, out] = [`${dir}/my data, 2`, `${dir}/runs, mine`];
  Deno.mkdirSync(data);
  Deno.writeTextFileSync(`${dir}/outside.txt`, "secret");
  Deno.writeTextFileSync(`${data}/inside.txt`, "");
  writeStack(`${data}/series`, [0, 2]);
  const command = taskCommand(name);
  const flags = command.filter((word) => word.startsWith("-"));
  const probe = command.includes("tasks/start.ts")
    ? [path("confined_probe.ts"), name]
    : [path("probe.ts")];
  const text = await run([
    ...[Deno.execPath(), "run", ...flags, ...probe, "--data", data, "--out", out],
  ], taskEnvironment(name));
  return JSON.parse(text);
}

/** How a way out may end: refused, not there, or without anything to load. */
const REFUSALS = [
  ...["NotCapable", "EPERM", "UNKNOWN", "TypeError", "ReferenceError", "Error"],
  ...["ERR_MODULE_NOT_FOUND", "ERR_SQLITE_ERROR"],
];

/** Fails where a way out was open, but for those named. */
export function refused(tried: Record<string, string>, where: string, open: string[] = []): void {
  assert.ok(Object.keys(tried).length > 40, where);
  const ways = Object.entries(tried).filter(([way]) => !open.includes(way));
  assert.deepEqual(ways.filter(([, end]) => !REFUSALS.includes(end)), [], where);
}

async function output([program, ...args]: string[], env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const [told, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.notEqual(told, "", complaint);
  return told;
}
