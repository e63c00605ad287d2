import assert from "node:assert/strict";
import fc from "fast-check";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { crossValidationSplits } from "../../../lib/data/datasets/folds.ts";
import { splitAll, splitPatients } from "../../../lib/data/datasets/splits.ts";

/** A dataset with a patient of each group that is named, and a patient without masks. */
function datasetOf(groups: readonly string[]): Dataset {
  const labelled = groups.map((group, i) => ({
    ...{ id: `p${String(i).padStart(2, "0")}`, group, part: "training" as const },
    scans: [{ image: `${i}.nii`, mask: "m.nii" }],
  }));
  const bare = { ...labelled[0], id: "bare", scans: [{ image: "bare.nii" }] };
  const patients = [...labelled, bare];
  return { name: "made up", root: ".", layout: "acdc", structures: [], patients };
}

const cohorts = fc.array(fc.constantFrom("A", "B", "C", "D", "E", ""), {
  minLength: 2,
  maxLength: 30,
}).map(datasetOf);

Deno.test("crossValidationSplits() holds every patient out once, balanced over the groups", () => {
  fc.assert(fc.property(cohorts, fc.nat(9), fc.nat(99), (dataset, more, seed) => {
    const split = splitAll(dataset, { seed });
    const [patients] = Object.values(split.subsets);
    const folds = 2 + more % (patients.length - 1);
    const splits = crossValidationSplits(dataset, { split, patients }, { folds, seed });
    assert.equal(splits.length, folds);
    assert.deepEqual(splits.flatMap(({ test }) => test).sort(), patients.toSorted());
    const groupOf = new Map(dataset.patients.map(({ id, group }) => [id, group]));
    for (const group of [...new Set(groupOf.values()), undefined]) {
      const counts = splits.map(({ test }) =>
        test.filter((id) => group === undefined || groupOf.get(id) === group).length
      );
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${group}: ${counts}`);
    }
    for (const { test, pool, subsets } of splits) {
      const [learned] = Object.values(subsets);
      assert.deepEqual(learned, patients.filter((id) => !test.includes(id)));
      assert.deepEqual(pool, split.pool.filter((id) => !test.includes(id)));
      assert.deepEqual(Object.keys(subsets), [`${learned.length}`]);
      assert.ok(pool.includes("bare"));
    }
  }));
});

Deno.test("crossValidationSplits() depends on the seed, and leaves test patients alone", () => {
  const dataset = datasetOf(Array(12).fill(""));
  const split = splitPatients(dataset, { sizes: [6] });
  const patients = split.subsets[6];
  const deal = (seed: number) =>
    crossValidationSplits(dataset, { split, patients }, { folds: 3, seed });
  assert.deepEqual(deal(1), deal(1));
  assert.notDeepEqual(deal(1), deal(2));
  const named = deal(1).flatMap(({ test, pool }) => [...test, ...pool]);
  assert.ok(split.test.length > 0 && !split.test.some((id) => named.includes(id)));
});

Deno.test("crossValidationSplits() says how many folds there can be", () => {
  const dataset = datasetOf(["", "", ""]);
  const split = splitAll(dataset);
  const deal = (patients: string[], folds: number) => () =>
    crossValidationSplits(dataset, { split, patients }, { folds });
  const [patients] = Object.values(split.subsets);
  for (const folds of [1, 4, 2.5]) {
    assert.throws(
      deal(patients, folds),
      /RangeError: made up: expected a number of folds from 2 to 3/,
    );
  }
  assert.throws(
    deal(patients.slice(0, 1), 2),
    /RangeError: .*two labelled patients.*found 1: outline/,
  );
});
