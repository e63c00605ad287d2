import assert from "node:assert/strict";
import { differenceInterval } from "../../lib/experiments/difference_interval.ts";
import type { RunCases } from "../../lib/experiments/patient_dice.ts";
import { random } from "../../lib/math/random.ts";
import { casesOf, row } from "../reports/example.ts";

/** A run with the Dice of each patient. */
function run(seed: number, dice: readonly number[]): RunCases {
  const { cases, ...about } = casesOf(row(["none", "scratch", 1], seed, 0.5));
  return {
    ...about,
    cases: dice.map((value, i) => ({ ...cases[0], patient: `p${i}`, dice: value })),
  };
}

const zeros = (count: number) => Array.from({ length: count }, () => 0);

Deno.test("differenceInterval() of one seed agrees with that of the mean of many patients", () => {
  const source = random("patients");
  const dice = Array.from({ length: 400 }, () => 0.1 + 0.05 * source.normal());
  const { low, high, patients } = differenceInterval([run(0, dice)], [run(0, zeros(400))], 0.95)!;
  const mean = dice.reduce((sum, value) => sum + value) / 400;
  // 1.96 standard errors.
  const reach = 1.96 * 0.05 / Math.sqrt(400);
  assert.ok(Math.abs(low - (mean - reach)) < 0.1 * reach, `${low}`);
  assert.ok(Math.abs(high - (mean + reach)) < 0.1 * reach, `${high}`);
  assert.equal(patients, 400);
});

Deno.test("differenceInterval() reaches from the worst to the best of few seeds", () => {
  const ours = [-0.1, 0.2, 0.3].map((dice, seed) => run(seed, [dice, dice]));
  const theirs = [0, 1, 2].map((seed) => run(seed, [0, 0]));
  const { low, high, seeds } = differenceInterval(ours, theirs, 0.95)!;
  assert.ok(Math.abs(low + 0.1) < 1e-9 && Math.abs(high - 0.3) < 1e-9, `${low} to ${high}`);
  assert.equal(seeds, 3);
});

Deno.test("differenceInterval() pairs seeds and patients that both have", () => {
  const [ours, theirs] = [[run(0, [0.5, 0.6]), run(1, [0.9])], [run(0, [0.4]), run(2, [0])]];
  const { low, high, seeds, patients } = differenceInterval(ours, theirs, 0.95)!;
  assert.ok(Math.abs(low - 0.1) < 1e-9 && Math.abs(high - 0.1) < 1e-9);
  assert.deepEqual([seeds, patients], [1, 1]);
  assert.equal(differenceInterval(ours, [run(3, [0.1])], 0.95), null);
  assert.equal(differenceInterval([], theirs, 0.95), null);
});
