import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mutantsOf, tableProblems } from "../../bench/mutants/mistake.ts";
import { TABLES } from "../../bench/mutants/tables.ts";
import { root } from "./commands.ts";

Deno.test("bench/mutants quotes the code as it is", () => {
  const mutants = mutantsOf(TABLES);
  assert.ok(mutants.length > 100, `${mutants.length} mistakes`);
  const problems = tableProblems(mutants, (path) => {
    const whole = join(root, path);
    return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
  });
  assert.deepEqual(problems, []);
});
