import assert from "node:assert/strict";
import { runTask } from "../support/run_task.ts";

Deno.test("start answers a task that there is none of with the nearest", async () => {
  const { code, stdout, stderr } = await runTask("start", "pretrian");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(
    stderr,
    /^start: expected one of .*, found "pretrian" \(did you mean pretrain\?\)\n$/,
  );
  assert.match((await runTask("start")).stderr, /^start: expected one of .*, found ""\n$/);
});
