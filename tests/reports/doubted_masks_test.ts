import assert from "node:assert/strict";
import { doubtedMasks } from "../../lib/reports/doubted_masks.ts";
import { predicted } from "./page_examples.ts";

const structures = [{ label: 1, name: "LV" }, { label: 2, name: "RV" }];
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
