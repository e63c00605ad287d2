/** Tasks that must fail: with one line, and without a trace. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { runTask, twoAtATime } from "../support/run_task.ts";

/** A task that must fail. */
export interface FailingTask {
  /** What is wrong. */
  name: string;
  /** The task and its arguments; `--out` is added where a task writes. */
  run: string[];
  /** What the one line on stderr says, after the task's name. */
  says: RegExp;
  /** 1 by default: failed; 2: wrong usage. */
  code?: 1 | 2;
  /** A folder to write to that is there already; a new one by default. */
  out?: string;
}

/** Runs the cases: each ends with its code and one line, and leaves no trace. */
export async function expectFailures(dir: string, cases: FailingTask[]): Promise<void> {
  let count = 0;
  await twoAtATime(cases, async ({ name, run, says, code = 1, out }) => {
    const folder = out ?? `${dir}/out-${count++}`;
    const before = out && snapshot(out);
    const writes = run[0] === "check-data" ? [] : ["--out", folder];
    const ended = await runTask(run[0], ...run.slice(1), ...writes);
    assert.equal(ended.code, code, `${name}: ${ended.stderr}`);
    // A table, indented, may follow.
    const line = /^[^\n]+\n( {2}[^\n]+\n)*$/;
    assert.match(ended.stderr, line, `${name}: expected one line, found ${ended.stderr}`);
    assert.ok(ended.stderr.startsWith(`${run[0]}: `), `${name}: ${ended.stderr}`);
    assert.match(ended.stderr, says, `${name}: ${ended.stderr}`);
    if (before === undefined) assert.ok(!existsSync(folder), `${name}: ${folder} was written`);
    else assert.deepEqual(snapshot(folder), before, `${name}: ${folder} was changed`);
  });
}

/** Every file below a folder, with its time and size. */
function snapshot(dir: string): string[] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    const path = `${dir}/${name}`;
    const { mtime, size } = Deno.statSync(path);
    return isDirectory ? [path, ...snapshot(path)] : [`${path} ${mtime?.getTime()} ${size}`];
  }).sort();
}
