import assert from "node:assert/strict";
import { worstCases } from "../../../lib/reports/gather/worst_cases.ts";
import { casesOf, row } from "../example.ts";

Deno.test("worstCases() takes the best run on fewest patients, of the seed that comes first", () => {
  const { run, scans } = worstCases([
    casesOf(row(["none", "scratch", 1], 3, 0.5)),
    casesOf(row(["none", "scratch", 1], 0, 0.9)),
    casesOf(row(["pix2rep", "finetune", 1], 3, 0.7)),
    casesOf(row(["pix2rep", "finetune", 5], 3, 0.8)),
  ]);
  assert.deepEqual([run.strategy, run.patients, run.seed], ["finetune", 1, 3]);
  const dice = scans.map(({ dice }) => dice);
  assert.deepEqual(dice, dice.toSorted((a, b) => a - b));
  assert.equal(scans[0].patient, "patient001");
});
