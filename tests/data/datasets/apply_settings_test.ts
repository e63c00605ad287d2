import assert from "node:assert/strict";
import { withSettings } from "../../../lib/data/datasets/apply_settings.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";

/** A dataset whose masks hold 0, 17, 205, 500 and 600. */
const dataset: Dataset = {
  name: "d",
  root: "folder",
  layout: "folder",
  structures: [17, 205, 500, 600].map((value, i) => ({
    label: i + 1,
    name: `label ${value}`,
    values: [value],
  })),
  patients: [{
    id: "a",
    group: "",
    part: "training",
    scans: [{ image: "folder/a.nii", mask: "folder/a_seg.nii" }],
  }],
};

Deno.test("withSettings() names values, joins them, and makes the others background", () => {
  const { structures, regions, background } = withSettings(dataset, {
    labels: { lv: 500, myo: [205, 600] },
  });
  assert.deepEqual(structures, [
    { label: 1, name: "myo", values: [205, 600] },
    { label: 2, name: "lv", values: [500] },
  ]);
  assert.deepEqual([regions, background], [undefined, [17]]);
  const explicit = withSettings(dataset, { labels: { background: [-1, 17], lv: [500, 600, 205] } });
  assert.deepEqual(explicit.background, [-1, 17]);
});

Deno.test("withSettings() makes regions of labels that share values", () => {
  const { structures, regions, background } = withSettings(dataset, {
    labels: { heart: [205, 500, 600], lv: 500, muscle: [205, 600] },
  });
  assert.deepEqual(structures, [
    { label: 1, name: "muscle", values: [205, 600] },
    { label: 2, name: "lv", values: [500] },
  ]);
  assert.deepEqual(regions, [
    { name: "heart", labels: [1, 2] },
    { name: "lv", labels: [2] },
    { name: "muscle", labels: [1] },
  ]);
  assert.deepEqual(background, [17]);
});

Deno.test("withSettings() refuses values that no mask holds", () => {
  assert.throws(
    () => withSettings(dataset, { labels: { lv: 500, rv: [7, 9] } }),
    /RangeError: folder: expected data\.labels to name values of the masks, 17, 205, 500, 600, found 7, 9/,
  );
  const [patient] = dataset.patients;
  const unlabelled = {
    ...dataset,
    structures: [],
    patients: [{ ...patient, scans: [{ image: "a" }] }],
  };
  assert.equal(withSettings(unlabelled, { labels: { lv: 500 } }).structures.length, 1);
});

Deno.test("withSettings() takes a structure that no mask has where all values have a name", () => {
  const labels = { lv: [17, 500], wall: [205, 600], lesion: 9 };
  assert.deepEqual(withSettings(dataset, { labels }).structures.map(({ name }) => name), [
    ...["lesion", "lv", "wall"],
  ]);
});

Deno.test("withSettings() takes a value as that of unlabelled voxels", () => {
  const { structures, ignore } = withSettings(dataset, { ignoreLabel: 205 });
  assert.deepEqual(structures.map(({ label, name }) => [label, name]), [
    [1, "label 17"],
    [2, "label 500"],
    [3, "label 600"],
  ]);
  assert.equal(ignore, 205);
  const regions = withSettings(dataset, {
    labels: { heart: [205, 500], lv: 500, border: 17 },
    ignoreLabel: 17,
  });
  assert.deepEqual(regions.structures, [
    { label: 1, name: "heart alone", values: [205] },
    { label: 2, name: "lv", values: [500] },
  ]);
  assert.deepEqual(regions.regions, [{ name: "heart", labels: [1, 2] }, {
    name: "lv",
    labels: [2],
  }]);
  assert.equal(withSettings(dataset, { ignoreLabel: -1 }).ignore, -1);
});

Deno.test("withSettings() refuses channels of a dataset that names none", () => {
  assert.throws(
    () => withSettings(dataset, { channels: ["T1"] }),
    /RangeError: folder: expected the channels T1, each once, found one channel without a name/,
  );
  assert.equal(withSettings(dataset, { channels: "all" }), dataset);
});
