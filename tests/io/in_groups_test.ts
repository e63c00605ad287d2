import assert from "node:assert/strict";
import { inGroups } from "../../lib/io/in_groups.ts";

Deno.test("inGroups() keeps the order, and does no more than 16 things at the same time", async () => {
  let [now, most] = [0, 0];
  const items = Array.from({ length: 200 }, (_, i) => i);
  const made = await inGroups(items, async (item) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, item % 3));
    now--;
    return 2 * item;
  });
  assert.deepEqual(made, items.map((item) => 2 * item));
  assert.equal(most, 16);
});
