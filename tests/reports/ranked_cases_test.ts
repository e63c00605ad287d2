import assert from "node:assert/strict";
import { medianOf, rankedCases, worstOf } from "../../lib/reports/ranked_cases.ts";
import { casesOf, row } from "./example.ts";

Deno.test("rankedCases() takes the best run on fewest patients, of the seed that comes first", () => {
  const { run, scans } = rankedCases([
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

Deno.test("worstOf() and medianOf() take ten scans, and the one amid them all", () => {
  const { cases, ...run } = casesOf(row(["none", "scratch", 1], 0, 0.5));
  const scans = Array.from(
    { length: 21 },
    (_, i) => ({ ...cases[0], patient: `${i}`, dice: i / 20 }),
  );
  const ranked = rankedCases([{ ...run, cases: [...scans].reverse() }]);
  assert.deepEqual(
    worstOf(ranked).map(({ dice }) => dice),
    scans.slice(0, 10).map(({ dice }) => dice),
  );
  assert.equal(medianOf(ranked)?.dice, 0.5);
  assert.equal(medianOf({ scans: [] }), undefined);
});
