import assert from "node:assert/strict";
import { counted, duration } from "../../../lib/io/text/amounts.ts";

Deno.test("counted() has the plural of all but one", () => {
  assert.deepEqual([0, 1, 2].map((count) => counted(count, "seed")), [
    "0 seeds",
    "1 seed",
    "2 seeds",
  ]);
});

Deno.test("duration() tells hours, minutes and seconds", () => {
  assert.deepEqual([0.4, 59.6, 200, 4000].map(duration), [
    "0 s",
    "1 min 0 s",
    "3 min 20 s",
    "1 h 6 min",
  ]);
});
