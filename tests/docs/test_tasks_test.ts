/** The tasks that run tests: that they leave none out, and are told of. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { root } from "./commands.ts";

const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const { tasks }: { tasks: Record<string, { command: string }> } = JSON.parse(read("deno.json"));

/** `test` and what it leaves to others; `fuzz` repeats a part of it. */
const NAMES = Object.keys(tasks).filter((name) => /^test(:|$)/.test(name));

/** Whether a task runs a file of tests. */
function runs(name: string, file: string): boolean {
  const words = tasks[name].command.split(" ");
  const [, ignored = ""] = words.find((word) => word.startsWith("--ignore="))?.split("=") ?? [];
  const within = (folder: string) => file.startsWith(`${folder}/`);
  return within(words.at(-1)!) && !ignored.split(",").some(within);
}

Deno.test("every file of tests is run by one task", () => {
  const files = globSync("tests/**/*_test.ts", { cwd: root });
  assert.ok(files.length > 250, `${files.length} files`);
  for (const file of files) {
    assert.equal(NAMES.filter((name) => runs(name, file)).length, 1, file);
  }
});

Deno.test("every task of tests is run by .ci/run, and CONTRIBUTING says what it runs", () => {
  const table = [...read("CONTRIBUTING.md").matchAll(/^\| `deno task (\S+)` /gm)];
  const counted = [...read(".ci/run").matchAll(/^count (\S+)$/gm)];
  for (const [where, found] of Object.entries({ table, counted })) {
    const names = found.map(([, name]) => name);
    assert.deepEqual(NAMES.filter((name) => !names.includes(name)), [], where);
  }
});
