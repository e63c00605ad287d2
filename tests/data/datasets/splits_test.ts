import assert from "node:assert/strict";
import fc from "fast-check";
import type { Dataset, Patient } from "../../../lib/data/datasets/dataset.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import {
  readSplit,
  splitAll,
  splitPatients,
  testsOthers,
  withAllLabelled,
  writeSplit,
} from "../../../lib/data/datasets/splits.ts";
import { realDataPath, withFolder, withRealData } from "../../support/datasets.ts";

function patient(
  id: string,
  options: { group?: string; labelled?: boolean; part?: Patient["part"] },
) {
  const { group = "", labelled = true, part = "training" } = options;
  return { id, group, part, scans: [{ image: `${id}.nii`, ...(labelled && { mask: "m.nii" }) }] };
}

const datasetOf = (patients: Patient[]): Dataset => ({
  name: "made up",
  root: ".",
  layout: "acdc",
  structures: [],
  patients,
});

/** Datasets with at least two labelled training patients, up to four groups, perhaps a test part. */
const datasets = fc.array(
  fc.record({
    group: fc.constantFrom("A", "B", "C", ""),
    labelled: fc.boolean(),
    part: fc.constantFrom("training" as const, "training" as const, "testing" as const),
  }),
  { minLength: 2, maxLength: 40 },
).map((rows) => datasetOf(rows.map((row, i) => patient(`p${String(i).padStart(2, "0")}`, row))))
  .filter(({ patients }) =>
    patients.filter(({ part, scans }) => part === "training" && scans[0].mask).length >= 2
  );

const seeds = fc.integer({ min: 0, max: 1000 });

Deno.test("splitPatients() never mixes test and training patients", () => {
  fc.assert(fc.property(datasets, seeds, (dataset, seed) => {
    const { test, pool, subsets } = splitPatients(dataset, { seed });
    const byId = new Map(dataset.patients.map((one) => [one.id, one]));
    const labelled = (id: string) => byId.get(id)!.scans[0].mask !== undefined;
    assert.ok(test.length > 0 && test.every(labelled));
    assert.ok(pool.every((id) => !test.includes(id) && byId.get(id)!.part === "training"));
    const official = dataset.patients.filter(({ id, part }) => part === "testing" && labelled(id));
    if (official.length > 0) assert.deepEqual(test, official.map(({ id }) => id));
    const training = dataset.patients.filter(({ part }) => part === "training").map(({ id }) => id);
    assert.deepEqual([...pool, ...test].filter((id) => training.includes(id)).sort(), training);
    assert.ok(Object.values(subsets).flat().every((id) => pool.includes(id) && labelled(id)));
  }));
});

Deno.test("splitPatients() tests on the last of each group", () => {
  const groups = ["A", "B"].flatMap((group) => Array(10).fill(group));
  const dataset = datasetOf(
    groups.map((group, i) => patient(`p${String(i).padStart(2, "0")}`, { group })).reverse(),
  );
  assert.deepEqual(splitPatients(dataset).test, ["p08", "p09", "p18", "p19"]);
});

Deno.test("splitPatients() nests its subsets and balances them over the groups", () => {
  fc.assert(fc.property(datasets, seeds, (dataset, seed) => {
    const { pool, subsets } = splitPatients(dataset, { seed });
    const groupOf = new Map(dataset.patients.map(({ id, group }) => [id, group]));
    const available = dataset.patients.filter(({ id, scans }) =>
      pool.includes(id) && scans[0].mask
    );
    const sizes = Object.keys(subsets).map(Number);
    assert.equal(sizes[0], 1);
    sizes.forEach((size, i) => {
      const subset = subsets[size];
      assert.equal(new Set(subset).size, size);
      if (i > 0) assert.deepEqual(subset.slice(0, sizes[i - 1]), subsets[sizes[i - 1]]);
      const taken = [...new Set(available.map(({ group }) => group))].map((group) => ({
        count: subset.filter((id) => groupOf.get(id) === group).length,
        exhausted: available.filter((one) => one.group === group).length,
      }));
      const most = Math.max(...taken.map(({ count }) => count));
      assert.ok(taken.every(({ count, exhausted }) => count >= most - 1 || count === exhausted));
    });
  }));
});

Deno.test("splitPatients() lets the seed decide the subsets but never the test patients", () => {
  fc.assert(fc.property(datasets, seeds, seeds, (dataset, a, b) => {
    const [first, second] = [
      splitPatients(dataset, { seed: a }),
      splitPatients(dataset, { seed: b }),
    ];
    assert.deepEqual([first.test, first.pool], [second.test, second.pool]);
    if (a === b) assert.deepEqual(first, second);
  }));
  const dataset = datasetOf(Array.from({ length: 30 }, (_, i) => patient(`p${10 + i}`, {})));
  const drawn = new Set(
    Array.from({ length: 20 }, (_, seed) => splitPatients(dataset, { seed }).subsets["1"][0]),
  );
  assert.ok(drawn.size > 5, `20 seeds drew ${drawn.size} patients`);
});

Deno.test("splitPatients() takes the sizes it is given", () => {
  const dataset = datasetOf(Array.from({ length: 10 }, (_, i) => patient(`p${10 + i}`, {})));
  assert.deepEqual(Object.keys(splitPatients(dataset).subsets), ["1", "2", "5"]);
  assert.deepEqual(Object.keys(splitPatients(dataset, { sizes: [3, 8] }).subsets), ["3", "8"]);
  assert.equal(splitPatients(dataset, { testFraction: 0.5 }).test.length, 5);
  for (const size of [0, 1.5, 9]) {
    assert.throws(
      () => splitPatients(dataset, { sizes: [size] }),
      /RangeError: made up: .*from 1 to 8/,
    );
  }
  assert.throws(() => splitPatients(dataset, { testFraction: 1 }), /RangeError.*0 to below 1/);
});

Deno.test("splitPatients() trains on the only labelled patient, and tests on nobody then", () => {
  const alone = datasetOf([patient("a", {}), patient("b", { labelled: false })]);
  const bare = datasetOf([patient("b", { labelled: false })]);
  const { test, pool, subsets } = splitPatients(alone, { sizes: [1] });
  assert.deepEqual([test, pool, subsets], [[], ["a", "b"], { 1: ["a"] }]);
  assert.deepEqual(splitPatients(bare).subsets, {}, "there is pretraining alone");
  assert.throws(
    () => splitPatients(bare, { sizes: [1] }),
    /RangeError: made up: expected a patient with masks to train on, found none/,
  );
});

Deno.test("splitAll() trains on all who are labelled, and tests on a dataset's test part alone", () => {
  const bare = patient("bare", { labelled: false });
  const patients = [...["a", "b", "c"].map((id) => patient(id, {})), bare];
  const all = splitAll(datasetOf(patients));
  assert.deepEqual([all.test, all.subsets[3].toSorted()], [[], ["a", "b", "c"]]);
  assert.deepEqual(all.pool, ["a", "b", "c", "bare"]);
  const official = { ...patient("d", {}), part: "testing" as const };
  const { test, subsets } = splitAll(datasetOf([...patients, official]));
  assert.deepEqual([test, Object.keys(subsets)], [["d"], ["3"]]);
});

Deno.test("withAllLabelled() trains on all of a split's pool who have masks", () => {
  const dataset = datasetOf([
    ...["a", "b", "c", "d"].map((id) => patient(id, {})),
    patient("bare", { labelled: false }),
  ]);
  const split = {
    ...splitPatients(dataset, { sizes: [1] }),
    test: ["a"],
    pool: ["b", "c", "bare"],
  };
  const { subsets, ...rest } = withAllLabelled(split, dataset);
  assert.deepEqual(subsets, { ...split.subsets, 2: ["b", "c"] });
  assert.deepEqual({ ...rest, subsets: split.subsets }, split);
  assert.throws(
    () => withAllLabelled({ ...split, pool: ["bare"] }, dataset),
    /RangeError: made up: expected a patient with masks in the split's pool, found none/,
  );
});

Deno.test("splitPatients() watches the labelled patients of a part validation, and no others", () => {
  const validation = ["v", "w"].map((id) => patient(id, { part: "validation" }));
  const bare = patient("x", { part: "validation", labelled: false });
  const split = splitPatients(datasetOf([patient("a", {}), ...validation.toReversed(), bare]));
  assert.deepEqual(split.validation, ["v", "w"]);
  assert.deepEqual([split.pool, split.test], [["a"], []]);
  assert.ok(!("validation" in splitPatients(datasetOf([patient("a", {})]))));
});

Deno.test("testsOthers() compares test patients, of the same dataset alone", () => {
  const split = splitPatients(datasetOf(["a", "b", "c"].map((id) => patient(id, {}))));
  const other = { ...split, test: split.pool.slice(0, 1) };
  assert.equal(testsOthers(split, other), true);
  assert.equal(testsOthers(split, { ...split, seed: 3, subsets: {} }), false);
  assert.equal(testsOthers(split, { ...other, dataset: "another" }), false);
  assert.equal(testsOthers(split, { ...split, test: [] }), false);
});

Deno.test("readSplit() reads what writeSplit() wrote", () =>
  withFolder(async (dir) => {
    const dataset = datasetOf(Array.from({ length: 10 }, (_, i) => patient(`p${10 + i}`, {})));
    const split = splitPatients(dataset, { seed: 3 });
    await writeSplit(`${dir}/split.json`, split);
    assert.deepEqual(await readSplit(`${dir}/split.json`, dataset), split);
  }));

Deno.test("readSplit() refuses manifests that would spoil an experiment", () =>
  withFolder(async (dir) => {
    const dataset = datasetOf(Array.from({ length: 10 }, (_, i) => patient(`p${10 + i}`, {})));
    const split = splitPatients(dataset);
    const path = `${dir}/split.json`;
    const [test] = split.test;
    const bad: [unknown, RegExp][] = [
      [{ ...split, schema: "pix2rep.split/2" }, /SyntaxError: .*"pix2rep\.split\/1" at schema/],
      [{ ...split, pool: undefined }, /SyntaxError: .*"pool"/],
      [{ ...split, test: ["p99"] }, /RangeError: .*expected patients of made up, found p99/],
      [{ ...split, pool: [...split.pool, test] }, /RangeError: .*found p\d+ in both/],
      [{ ...split, validation: ["p99"] }, /RangeError: .*expected patients of made up, found p99/],
      [
        { ...split, validation: [split.pool[0]] },
        /RangeError: .*no validation patient in the pool, found p\d+ in both/,
      ],
      [
        { ...split, validation: [test] },
        /RangeError: .*no validation patient in the test, found p\d+/,
      ],
      [{ ...split, subsets: { 1: [test] } }, /RangeError: .*subsets of the pool, found p\d+ in 1/],
      [{ ...split, subsets: { 2: split.subsets[1] } }, /RangeError: .*expected 2 patients/],
    ];
    for (const [content, message] of bad) {
      await Deno.writeTextFile(path, JSON.stringify(content));
      await assert.rejects(readSplit(path, dataset), message);
    }
    await Deno.writeTextFile(path, "[");
    await assert.rejects(readSplit(path, dataset), /SyntaxError: .*split\.json: expected JSON/);
    await assert.rejects(readSplit(`${dir}/none.json`, dataset), /none\.json: no such file/);
  }));

Deno.test(
  withRealData("acdc", "splitPatients() tests on ACDC's last four patients per group"),
  async () => {
    const { test, pool, subsets } = splitPatients(await openDataset(realDataPath("acdc")));
    const last = [20, 40, 60, 80, 100].flatMap((end) => [3, 2, 1, 0].map((back) => end - back));
    assert.deepEqual(test, last.map((n) => `patient${String(n).padStart(3, "0")}`));
    assert.equal(pool.length, 80);
    assert.deepEqual(Object.keys(subsets), ["1", "2", "5", "10", "20", "50"]);
  },
);

Deno.test("splitPatients() draws some patients last, and tests on the same", () => {
  fc.assert(fc.property(datasets, seeds, (dataset, seed) => {
    const whole = splitPatients(dataset, { seed });
    const labelled = dataset.patients.filter(({ id, scans }) =>
      whole.pool.includes(id) && scans[0].mask
    );
    const last = whole.pool.slice(0, 2);
    const sizes = [labelled.length];
    const order = splitPatients(dataset, { seed, sizes, last }).subsets[labelled.length];
    assert.deepEqual(order.toSorted(), labelled.map(({ id }) => id).sort());
    const late = order.filter((id) => last.includes(id));
    assert.deepEqual(order.slice(order.length - late.length), late);
    assert.deepEqual(splitPatients(dataset, { seed, last }).test, whole.test);
  }));
});
