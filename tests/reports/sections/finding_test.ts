import assert from "node:assert/strict";
import type { SweepRow } from "../../../lib/experiments/result.ts";
import {
  diceText,
  findComparison,
  findingSentence,
} from "../../../lib/reports/sections/finding.ts";
import { resultOf, row, rows } from "../example.ts";

const sentence = (rows: SweepRow[]) => findingSentence(findComparison(resultOf(rows).summary));

Deno.test("findComparison() compares at the fewest patients that both have", () => {
  const finding = findComparison(resultOf(rows).summary);
  assert.equal(finding?.scratch.patients, 1);
  assert.equal(finding.scratchNeeds, 5);
  const fewer = [...rows, row(["pix2rep", "finetune", 0.5], 0, 0.1)];
  assert.equal(findComparison(resultOf(fewer).summary)?.finetuned.patients, 1);
});

Deno.test("findComparison() says where scratch never gets as far", () => {
  const better = [...rows, row(["other", "finetune", 1], 0, 0.9)];
  const finding = findComparison(resultOf(better).summary);
  assert.equal(finding?.finetuned.pretraining, "other");
  assert.equal(finding.candidates, 2);
  assert.equal(finding.scratchNeeds, null);
  assert.equal(finding.scratchMost, 5);
});

Deno.test("findingSentence() states the gain, and that it exceeds the spread", () => {
  assert.equal(
    sentence(rows),
    "With 1 labelled patient, fine-tuning from pix2rep reaches a mean Dice of 0.710 ± 0.014, " +
      "against 0.520 ± 0.028 from scratch: a gain of 0.190, larger than the spread over seeds.",
  );
});

Deno.test("findingSentence() is honest where pretraining did not show a gain", () => {
  const scratch = [row(["none", "scratch", 1], 0, 0.5), row(["none", "scratch", 1], 1, 0.7)];
  const finetuned = (dice: number) =>
    [0, 1].map((seed) => row(["pix2rep", "finetune", 1], seed, dice));
  assert.match(sentence([...scratch, ...finetuned(0.5)]), /: 0\.100 less, so pretraining did not/);
  assert.match(sentence([...scratch, ...finetuned(0.65)]), /0\.050 more, which lies within the/);
  assert.match(sentence([scratch[0], finetuned(0.65)[0]]), /: 0\.150 more, from a single seed\.$/);
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
  assert.equal(findComparison(resultOf([rows[0], empty]).summary), null);
  assert.equal(diceText(resultOf([empty]).summary[0]), "–");
});
