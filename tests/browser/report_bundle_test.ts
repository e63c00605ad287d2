import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bundlePage } from "../../lib/reports/page/build.ts";

Deno.test("the report's bundle.txt is what its page/ builds", async () => {
  const committed = new URL("../../lib/reports/page/bundle.txt", import.meta.url);
  assert.equal(readFileSync(committed, "utf8"), await bundlePage());
});
