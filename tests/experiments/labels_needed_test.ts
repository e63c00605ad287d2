import assert from "node:assert/strict";
import { labelsNeeded } from "../../lib/experiments/labels_needed.ts";
import type { RunCases } from "../../lib/experiments/patient_dice.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";
import { casesOf, row } from "../reports/example.ts";

/** A run with the Dice of each test patient. */
function run(patients: number, seed: number, dice: readonly number[]): RunCases {
  const { cases, ...about } = casesOf(row(["none", "scratch", patients], seed, 0.5));
  return {
    ...about,
    cases: dice.map((value, i) => ({ ...cases[0], patient: `p${i}`, dice: value })),
  };
}

/** 0.4 with one patient, 0.6 with five and 0.8 with twenty. */
const curve = [run(20, 0, [0.8]), run(1, 0, [0.4]), run(5, 0, [0.6])];

Deno.test("labelsNeeded() reads numbers off a curve that is straight over their logarithm", () => {
  for (const [dice, patients] of [[0.6, 5], [0.7, 10], [0.5, Math.sqrt(5)], [0.8, 20]]) {
    const found = labelsNeeded([run(1, 0, [dice])], curve, 0.95)!;
    assertClose([found.patients, found.low, found.high], [patients, patients, patients], 1e-9);
  }
});

Deno.test("labelsNeeded() knows nothing before the curve's beginning, nor past its end", () => {
  assert.equal(labelsNeeded([run(1, 0, [0.2])], curve, 0.95)!.patients, 1);
  assert.equal(labelsNeeded([run(1, 0, [0.81])], curve, 0.95)!.patients, Infinity);
});

Deno.test("labelsNeeded() takes the first crossing of a curve that falls again", () => {
  const falling = [run(1, 0, [0.4]), run(2, 0, [0.6]), run(5, 0, [0.5]), run(10, 0, [0.9])];
  assertClose(labelsNeeded([run(1, 0, [0.55])], falling, 0.95)!.patients, 2 ** 0.75, 1e-9);
});

Deno.test("labelsNeeded() spans what seeds and test patients could have made of it", () => {
  const source = random("labels");
  const noisy = (mean: number) => Array.from({ length: 20 }, () => mean + 0.05 * source.normal());
  const seeds = [0, 1, 2];
  const baseline = seeds.flatMap((seed) => [
    run(1, seed, noisy(0.4)),
    run(5, seed, noisy(0.6)),
    run(20, seed, noisy(0.8)),
  ]);
  const at = (dice: number, level = 0.95) =>
    labelsNeeded(seeds.map((seed) => run(1, seed, noisy(dice))), baseline, level)!;
  const { patients, low, high } = at(0.7);
  assert.ok(low < patients && patients < high, `${low} ${patients} ${high}`);
  assert.ok(low > 6 && high < 16, `${low} to ${high}`);
  const narrow = at(0.7, 0.5);
  assert.ok(narrow.high / narrow.low < high / low);
  // Some resamples lie past the end.
  assert.equal(at(0.8).high, Infinity);
  assert.ok(Number.isFinite(at(0.8).low));
});

Deno.test("labelsNeeded() compares by the seeds and test patients that all runs have", () => {
  const ours = [run(1, 0, [0.7, 0.1]), run(1, 7, [0.1])];
  assertClose(labelsNeeded(ours, curve, 0.95)!.patients, 10, 1e-9);
  assert.equal(labelsNeeded([run(1, 7, [0.7])], curve, 0.95), null);
  assert.equal(labelsNeeded(ours, [], 0.95), null);
  assert.equal(labelsNeeded([], curve, 0.95), null);
});
