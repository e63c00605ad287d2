import assert from "node:assert/strict";
import {
  casesBySetting,
  compareWithScratch,
  patientDice,
  type RunCases,
} from "../../lib/experiments/patient_dice.ts";
import { wilcoxonSignedRank } from "../../lib/experiments/statistics.ts";
import { casesOf, PATIENTS, row, rows } from "../reports/example.ts";

/** A run whose patients have these Dice, for both structures. */
function run(
  [pretraining, strategy, patients]: [string, string, number],
  seed: number,
  dice: readonly number[],
): RunCases {
  const { cases, ...rest } = casesOf(row([pretraining, strategy, patients], seed, 0));
  return {
    ...rest,
    cases: cases.map((metrics) => ({ ...metrics, dice: dice[PATIENTS.indexOf(metrics.patient)] })),
  };
}

const low = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const high = low.map((dice, i) => dice + 0.01 * (i + 1));

Deno.test("patientDice() averages structures, scans and runs of each patient", () => {
  const runs = rows.slice(0, 2).map(casesOf);
  const dice = patientDice(runs);
  assert.deepEqual([...dice.keys()], PATIENTS);
  assert.ok(Math.abs(dice.get("patient001")! - (0.52 - 0.035)) < 1e-12);
});

Deno.test("casesBySetting() puts the seeds of a setting together", () => {
  const settings = casesBySetting(rows.map(casesOf));
  assert.deepEqual(
    settings.map(({ setting, runs }) => [setting.strategy, setting.patients, runs.length]),
    [["scratch", 1, 2], ["scratch", 5, 2], ["finetune", 1, 2], ["finetune", 5, 2]],
  );
});

Deno.test("compareWithScratch() pairs patients, seeds averaged, and corrects by Holm", () => {
  const comparisons = compareWithScratch([
    run(["none", "scratch", 1], 0, low),
    run(["none", "scratch", 1], 1, low),
    run(["a", "finetune", 1], 0, high),
    run(["a", "finetune", 1], 1, high),
    run(["b", "probe", 1], 0, low.with(0, 0.5)),
    run(["b", "probe", 1], 1, low.with(0, 0.5)),
  ]);
  const { p } = wilcoxonSignedRank(high, low);
  assert.equal(p, 2 / 2 ** 8);
  assert.deepEqual(comparisons, [
    { pretraining: "a", strategy: "finetune", patients: 1, p: 2 * p, pairs: 8 },
    { pretraining: "b", strategy: "probe", patients: 1, p: 1, pairs: 8 },
  ]);
});

Deno.test("compareWithScratch() compares like with like: number of patients and seeds", () => {
  const scratch = run(["none", "scratch", 1], 0, low);
  const worse = run(["none", "scratch", 1], 1, low.map((dice) => dice / 2));
  // Only seed 0 is on both sides, and there is no difference.
  const [same] = compareWithScratch([scratch, worse, run(["a", "finetune", 1], 0, low)]);
  assert.equal(same.p, 1);
  assert.deepEqual(compareWithScratch([scratch, run(["a", "finetune", 2], 0, high)]), []);
  assert.deepEqual(compareWithScratch([scratch, run(["a", "finetune", 1], 3, high)]), []);
  assert.deepEqual(compareWithScratch([run(["a", "finetune", 1], 0, high)]), []);
});

Deno.test("patientDice() counts neither empty masks nor patients who have nothing else", () => {
  const { cases, ...rest } = casesOf(rows[0]);
  const none = cases.map((metrics) =>
    metrics.patient === PATIENTS[0] || metrics.structure === "RV" && metrics.patient === PATIENTS[1]
      ? { ...metrics, dice: null }
      : metrics
  );
  const dice = patientDice([{ ...rest, cases: none }]);
  assert.deepEqual([...dice.keys()], PATIENTS.slice(1));
  assert.equal(dice.get(PATIENTS[1]), cases[2].dice);
});
