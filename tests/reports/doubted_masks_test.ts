import assert from "node:assert/strict";
import { doubtedMasks, volumeWarnings } from "../../lib/reports/doubted_masks.ts";
import { predicted } from "./page_examples.ts";

const structures = [{ label: 1, name: "LV" }, { label: 2, name: "RV" }];
/** What a model learned from; as many masks let a volume lie 4 times beyond. */
const references = { masks: 100, ml: { 1: [20, 130], 2: [50, 50] } } as const;

const ordered = (volumes: readonly number[]) => doubtedMasks(volumes.map(predicted), structures);

Deno.test("doubtedMasks() begins with empty masks and unusual volumes, and goes on by doubt", () => {
  const masks = ordered([100, 10, 0, 101, 103, 97, 95, 102, 99]);
  assert.deepEqual(masks.map(({ title }) => title), [
    ...["scan2", "scan1", "scan8", "scan7", "scan6", "scan5", "scan4", "scan3", "scan0"],
  ]);
  assert.deepEqual(masks.slice(0, 3).map(({ reasons }) => reasons), [
    ["nothing was found"],
    ["LV: 10 ml, median 99 ml"],
    [],
  ]);
});

Deno.test("doubtedMasks() calls no volume unusual among few, or among those that are all but equal", () => {
  assert.ok(ordered([1, 100, 1000]).every(({ reasons }) => reasons.length === 0));
  assert.ok(ordered([50, 50, 50, 50, 50, 58]).every(({ reasons }) => reasons.length === 0));
  assert.equal(ordered([50, 50, 50, 50, 50, 90])[0].reasons[0], "LV: 90 ml, median 50 ml");
});

Deno.test("doubtedMasks() takes a mask that no pixel may be of for the most doubtful", () => {
  const [first] = doubtedMasks(
    [{ title: "a", doubt: 0.4, volumes: [1, 1] }, { title: "b", doubt: null, volumes: [1, 1] }],
    structures,
  );
  assert.equal(first.title, "b");
});

Deno.test("doubtedMasks() names the references where a volume lies far beyond theirs, among few masks too", () => {
  const reasons = (volumes: readonly number[], seen = references) =>
    doubtedMasks(volumes.map(predicted), structures, seen).map(({ reasons }) => reasons);
  assert.deepEqual(reasons([100, 4]), [["LV: 4 ml, references 20 to 130 ml"], []]);
  assert.deepEqual(reasons([600]), [["LV: 600 ml, references 20 to 130 ml"]]);
  assert.deepEqual(reasons([500, 6]), [[], []]);
  assert.deepEqual(reasons([50, 50, 50, 50, 50, 700])[0], [
    "LV: 700 ml, median 50 ml, references 20 to 130 ml",
  ]);
  const [one] = doubtedMasks([{ ...predicted(100, 0), volumes: [100, 0] }], structures, references);
  assert.deepEqual(one.reasons, ["RV: 0 ml, references 50 ml"]);
});

Deno.test("volumeWarnings() sees a model that is wrong in all masks alike, which others do not", () => {
  const warnings = (volume: number, masks: number, count = 5) => {
    const found = Array.from({ length: count }, (_, i) => predicted(volume, i));
    assert.equal(
      new Set(doubtedMasks(found, structures).map(({ reasons }) => `${reasons}`)).size,
      1,
    );
    return volumeWarnings(found, structures, { ...references, masks });
  };
  const [warning, ...others] = warnings(300, 100);
  assert.match(
    warning,
    /^LV: half of the masks hold 300 ml or more, 100 reference masks .* from: 20 to 130 ml\. It may/,
  );
  assert.deepEqual(others, []);
  assert.match(warnings(8, 100)[0], /^LV: half of the masks hold 8 ml or less, /);
  assert.match(warnings(0, 100)[0], /^LV: half of the masks hold none, /);
  // Within the references', a little beyond them, beyond those of a single mask, and among few.
  for (const none of [warnings(60, 100), warnings(180, 100), warnings(300, 1)]) {
    assert.deepEqual(none, []);
  }
  assert.deepEqual(warnings(300, 100, 4), []);
  assert.deepEqual(volumeWarnings([predicted(300, 0)], structures, undefined), []);
});
