import assert from "node:assert/strict";
import {
  bestCleaning,
  type CleaningTrial,
  cleaningTrials,
} from "../../lib/evaluators/cleaning_trial.ts";
import { assertClose } from "../support/close.ts";

/** A scan of one slice whose mask is drawn in characters. */
function scanOf(patient: string, rows: string[]) {
  return { patient, shape: [rows[0].length, rows.length, 1], reference: drawn(rows) };
}

function drawn(rows: string[]): Uint8Array {
  return Uint8Array.from(rows.join(""), (c) => c === "." ? 0 : c === "?" ? 255 : Number(c));
}

const structures = [{ label: 1, name: "one" }, { label: 2, name: "two" }];

/** Dice by way: as it is, the largest parts, filled, both. */
function diceOf(trials: CleaningTrial[], patient: string): (number | undefined)[] {
  return trials.map(({ dice }) => dice[patient]);
}

Deno.test("cleaningTrials() tells each way's Dice of a patient, over structures and scans", () => {
  const { add, found } = cleaningTrials({ structures });
  const ring = ["111..", "111..", "111..", "....."];
  // A hole, and a part aside: 8 and 1 pixels of 9.
  add(drawn(["111..", "1.1..", "111..", "....1"]), scanOf("a", ring));
  const byA = [2 * 8 / (9 + 9), 2 * 8 / (8 + 9), 2 * 9 / (10 + 9), 1];
  diceOf(found(), "a").forEach((dice, i) => assertClose(dice!, byA[i], 1e-12));
  // The other structure, where the part that counts is the smaller one, and a pixel is not known.
  add(
    drawn(["22..2", "22...", ".....", "..2.."]),
    scanOf("a", ["....2", ".....", ".....", "..?.."]),
  );
  const second = [2 / 6, 0, 2 / 6, 0];
  diceOf(found(), "a").forEach((dice, i) => assertClose(dice!, (byA[i] + second[i]) / 2, 1e-12));
  add(drawn(["....", "...."]), scanOf("empty", ["....", "...."]));
  assert.deepEqual(Object.keys(found()[0].dice), ["a"]);
  assert.deepEqual(
    found().map(({ largestComponent, fillHoles }) => [largestComponent, fillHoles]),
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ],
  );
});

Deno.test("cleaningTrials() measures regions in the place of their structures", () => {
  const { add, found } = cleaningTrials({
    structures,
    regions: [{ name: "both", labels: [1, 2] }],
  });
  add(drawn(["12.."]), scanOf("a", ["21.."]));
  assert.deepEqual(diceOf(found(), "a"), [1, 1, 1, 1]);
});

Deno.test("bestCleaning() takes what does best over all patients, and does without where it can", () => {
  const fold = (...ways: Record<string, number>[]) =>
    ways.map((dice, i): CleaningTrial => ({
      largestComponent: i % 2 === 1,
      fillHoles: i > 1,
      dice,
    }));
  const first = fold({ a: 0.5, b: 0.7 }, { a: 0.6, b: 0.7 }, { a: 0.5, b: 0.7 }, {
    a: 0.6,
    b: 0.7,
  });
  const second = fold({ c: 0.9 }, { c: 0.84 }, { c: 0.93 }, { c: 0.87 });
  const choice = bestCleaning([first, second])!;
  assert.deepEqual([choice.largestComponent, choice.fillHoles], [true, true]);
  assertClose(choice.plain, 0.7, 1e-12);
  assertClose(choice.dice, 2.17 / 3, 1e-12);
  assert.deepEqual(bestCleaning([first])?.fillHoles, false);
  const alike = fold({ a: 0.5 }, { a: 0.5 }, { a: 0.4 }, { a: 0.5 });
  assert.deepEqual(bestCleaning([alike]), {
    ...{ largestComponent: false, fillHoles: false },
    ...{ dice: 0.5, plain: 0.5 },
  });
  const hardly = fold({ a: 0.5 }, { a: 0.5009 }, { a: 0.4 }, { a: 0.5 });
  assert.equal(bestCleaning([hardly])?.largestComponent, false);
  assert.equal(bestCleaning([first, undefined]), undefined);
  assert.equal(bestCleaning([fold({}, {}, {}, {})]), undefined);
});
