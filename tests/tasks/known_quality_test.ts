import assert from "node:assert/strict";
import type { CrossValidation } from "../../lib/experiments/cross_validation.ts";
import {
  cleaningText,
  crossValidatedQuality,
  crossValidationTable,
  heldOutQuality,
  unknownQuality,
} from "../../tasks/support/training/known_quality.ts";

const ids = (count: number) => Array.from({ length: count }, (_, i) => `P${i + 1}`);
const unknown = (learned: number, tested: number) =>
  unknownQuality({
    ...{ subset: ids(learned), split: { test: ids(tested) }, labelled: learned + tested },
  });

/** As much of a cross-validation as is told. */
const found = (mean: number | null, sd: number | null, patients: number) => {
  const dice = { mean, sd, patients };
  const folds = ids(patients).map((id) => [id]);
  return {
    folds,
    patient_dice: { ...dice, structures: { LV: dice } },
  } as unknown as CrossValidation;
};

Deno.test("unknownQuality() says what will not be known, and how it could be", () => {
  assert.match(unknown(1, 0)!, /nothing is known of how good.*, or outline another patient/);
  assert.match(unknown(3, 0)!, /nothing is known of how good.*, or let --folds 3 test on all 3/);
  assert.match(unknown(2, 1)!, /^1 patient with masks is left to test on beside 2 .*tells little/);
  assert.match(unknown(4, 2)!, /^2 patients with masks are left .*: let --folds 6 test on all 6/);
  assert.equal(unknown(5, 5), undefined);
});

Deno.test("unknownQuality() has nothing to say of a dataset's own few test patients", () => {
  const few = { subset: ids(1), split: { test: ids(3) }, labelled: 1 };
  assert.equal(unknownQuality(few), undefined);
});

Deno.test("crossValidatedQuality() tells mean and spread, and where they rest on little", () => {
  const known = "each segmented by a model that had not seen their masks; the final model was " +
    "trained on";
  assert.equal(
    crossValidatedQuality(found(0.843, 0.0461, 6)),
    `Dice 0.84 ± 0.05 over 6 patients, ${known} all 6 and should be about as good`,
  );
  assert.equal(
    crossValidatedQuality(found(0.5, 0.2, 2)),
    `Dice 0.50 ± 0.20 over 2 patients, ${known} both and should be about as good, but 2 patients ` +
      "are few: the next may fare otherwise",
  );
  assert.match(crossValidatedQuality(found(null, null, 3)), /^nothing was to be measured/);
  assert.match(
    crossValidatedQuality(found(0.3, 0.1, 6)),
    /about as good\. Such masks are of little use/,
  );
});

Deno.test("heldOutQuality() tells whom it is of, and where that is few or not all", () => {
  const of = (patients: number, all: number) =>
    heldOutQuality({ mean: 0.843, sd: 0.0461, patients }, { role: "test", all });
  const unseen = "whose masks the model has not seen";
  assert.equal(of(8, 8), `Dice 0.84 ± 0.05 over 8 test patients, ${unseen}`);
  assert.equal(
    of(10, 50),
    `Dice 0.84 ± 0.05 over 10 of the 50 test patients, ${unseen}; deno task evaluate measures all of them`,
  );
  assert.match(of(1, 1), /^Dice 0\.84 over 1 test patient, .*; so few tell little: the next may/);
  const nothing = { mean: null, sd: null, patients: 0 };
  assert.match(
    heldOutQuality(nothing, { role: "validation", all: 2 }),
    /^nothing was .*validation/,
  );
});

Deno.test("crossValidationTable() has a row for each structure, and their mean", () => {
  const lines = crossValidationTable(found(0.8431, 0.0461, 6)).split("\n");
  assert.deepEqual(lines.map((line) => line.trim().split(/\s+/)), [
    ["Dice", "SD", "patients"],
    ["LV", "0.843", "0.046", "6"],
    ["mean", "0.843", "0.046", "6"],
  ]);
});

Deno.test("cleaningText() names the settings that folds chose, and what they come to", () => {
  const chosen = (largestComponent: boolean, fillHoles: boolean) =>
    cleaningText({
      ...found(0.7, 0.1, 5),
      cleaning_choice: { largestComponent, fillHoles, dice: 0.7666, plain: 0.7 },
    })!;
  assert.equal(
    chosen(true, false),
    "masks are cleaned up by inference.largestComponent=true, as the mean Dice over these patients " +
      "rises by that from 0.700 to 0.767",
  );
  assert.match(
    chosen(true, true),
    /by inference\.largestComponent=true inference\.fillHoles=true, /,
  );
  assert.match(chosen(false, false), /would not raise it: masks are not cleaned up$/);
  assert.equal(cleaningText(found(0.7, 0.1, 5)), undefined);
});
