import assert from "node:assert/strict";
import type { SweepRow } from "../../../../lib/experiments/result.ts";
import {
  diceText,
  findComparison,
  findingSentence,
} from "../../../../lib/reports/sections/sweep/finding.ts";
import { assertClose } from "../../../support/close.ts";
import { casesOf, resultOf, row, rows } from "../../example.ts";

const comparison = (rows: SweepRow[], cases = rows.map(casesOf)) =>
  findComparison(resultOf(rows).summary, cases);
const sentence = (...of: Parameters<typeof comparison>) => findingSentence(comparison(...of));

Deno.test("findComparison() compares at the fewest patients that both have", () => {
  const finding = comparison(rows);
  assert.equal(finding?.scratch.patients, 1);
  // Scratch has 0.52 with one patient and 0.73 with five.
  assertClose(finding.scratchNeeds!.patients, 5 ** ((0.71 - 0.52) / 0.21), 1e-6);
  const fewer = [...rows, row(["pix2rep", "finetune", 0.5], 0, 0.1)];
  assert.equal(comparison(fewer)?.adapted.patients, 1);
});

Deno.test("findComparison() says where scratch never gets as far", () => {
  const better = [...rows, row(["other", "finetune", 1], 0, 0.9)];
  const finding = comparison(better);
  assert.equal(finding?.adapted.pretraining, "other");
  assert.equal(finding.candidates, 2);
  assert.equal(finding.scratchNeeds?.patients, Infinity);
  assert.equal(finding.scratchMost, 5);
});

Deno.test("findingSentence() claims a gain whose interval lies above 0", () => {
  assert.match(
    sentence(rows),
    /^With 1 labelled patient, pix2rep adapted by fine-tuning reaches a mean Dice of 0\.710 ± 0\.014, against 0\.520 ± 0\.028 from scratch: a gain of 0\.190 \(95 % confidence interval \+0\.1[78]\d to \+0\.2\d\d\)\.$/,
  );
});

/** Scratch at 0.5 and 0.7, and a fine-tuning of these Dice. */
function twoSeeds(...finetuned: [number, number]): SweepRow[] {
  const scratch = [0.5, 0.7].map((dice, seed) => row(["none", "scratch", 1], seed, dice));
  return [
    ...scratch,
    ...finetuned.map((dice, seed) => row(["pix2rep", "finetune", 1], seed, dice)),
  ];
}

Deno.test("findingSentence() claims no gain that one seed turns round", () => {
  assert.match(
    sentence(twoSeeds(0.75, 0.65)),
    /: 0\.100 more, but this does not show a difference \(95 % .* −0\.\d+ to \+0\.\d+, which includes 0\)/,
  );
  assert.match(
    sentence(twoSeeds(0.4, 0.6)),
    /: 0\.100 less \(95 % .*\), so pretraining did not help/,
  );
  assert.match(sentence(twoSeeds(0.5, 0.65)), /: 0\.025 less, but this does not show a difference/);
});

Deno.test("findingSentence() says where a single seed, or no metrics by patient, are all there is", () => {
  const [one, , finetuned] = twoSeeds(0.65, 0.8);
  assert.match(sentence([one, finetuned]), /a gain of 0\.150 \(.*, of a single seed\)/);
  assert.match(sentence(twoSeeds(0.65, 0.8), []), /0\.125 more, without metrics by patient/);
  assert.equal(comparison(rows, [])?.interval, null);
});

Deno.test("findComparison() widens the interval for the choice of the best pretraining", () => {
  const others = ["b", "c", "d"].map((name) => row([name, "finetune", 1], 0, 0.1));
  const [alone, chosen] = [rows, [...rows, ...others]].map((of) => comparison(of)!.interval!);
  assert.ok(chosen.low < alone.low && chosen.high > alone.high);
});

Deno.test("findingSentence() claims nothing without a comparison", () => {
  assert.match(sentence(rows.filter(({ strategy }) => strategy === "scratch")), /does not say/);
  assert.match(sentence(rows.filter(({ strategy }) => strategy === "finetune")), /does not say/);
});

Deno.test("diceText() gives a spread to several seeds only", () => {
  const [one] = resultOf(rows.slice(0, 1)).summary;
  assert.equal(diceText(one), "0.500");
});

Deno.test("findComparison() does not compare settings in which nothing could be measured", () => {
  const empty = row(["pix2rep", "finetune", 1], 0, 0);
  empty.dice = { mean: null };
  assert.equal(comparison([rows[0], empty]), null);
  assert.equal(diceText(resultOf([empty]).summary[0]), "–");
});
