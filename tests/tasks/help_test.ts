import assert from "node:assert/strict";
import { runTask, taskNames, twoAtATime } from "../support/run_task.ts";

Deno.test("every task prints its usage for --help", () =>
  twoAtATime(taskNames(), async (name) => {
    const { code, stdout, stderr } = await runTask(name, "--help");
    assert.deepEqual([code, stderr], [0, ""], name);
    assert.ok(stdout.startsWith(`Usage: deno task ${name} [options]\n`), stdout);
    for (
      const part of ["Options:", "--json", "-q, --quiet", "--verbose", "-h, --help", "Examples:"]
    ) {
      assert.ok(stdout.includes(part), `${name}: no ${part}`);
    }
    const [options, examples] = stdout.split("\nExamples:\n");
    assert.match(examples, new RegExp(`^  # .+\n  deno task ${name}`));
    assert.deepEqual(options.split("\n").filter(({ length }) => length > 80), []);
  }));

Deno.test("every task refuses an option that it does not know, and names the nearest", () =>
  twoAtATime(taskNames(), async (name) => {
    const { code, stdout, stderr } = await runTask(name, "--hepl");
    assert.deepEqual([code, stdout], [2, ""], name);
    assert.equal(
      stderr,
      `${name}: unknown option --hepl (did you mean --help?); ` +
        `deno task ${name} --help lists them\n`,
    );
  }));
