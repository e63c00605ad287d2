import assert from "node:assert/strict";
import { IGNORED, labelsOfMask, labelsToValues } from "../../../lib/data/masks/labels.ts";
import type { Voxels } from "../../../lib/data/volumes/volume.ts";
import { tinyVolume } from "../../support/datasets.ts";

const structures = [
  { label: 1, name: "LV", values: [500] },
  { label: 2, name: "MYO", values: [205, 600] },
];

function mask(voxels: Voxels) {
  return { ...tinyVolume(voxels), shape: [voxels.length, 1, 1] };
}

Deno.test("labelsOfMask() maps the files' values, those of the background and the ignored too", () => {
  const mapping = { structures, ignore: 7, background: [3] };
  const { labels, warnings } = labelsOfMask(mask(Int16Array.of(0, 500, 205, 600, 7, 3)), mapping);
  assert.deepEqual(labels, Uint8Array.of(0, 1, 2, 2, IGNORED, 0));
  assert.deepEqual(warnings, []);
  assert.throws(() => labelsOfMask(mask(Int16Array.of(0, 500, 7)), { structures }), {
    name: "RangeError",
    message: /expected the labels 0, 205, 500, 600, found 7 in 1 voxel, the first at \(2, 0, 0\)/,
  });
});

Deno.test("labelsOfMask() rounds what is almost whole, to either side, and nothing else", () => {
  const simple = { structures: [{ label: 1, name: "LV" }] };
  const { labels, warnings } = labelsOfMask(mask(Float32Array.of(0.9995, 1.0005, -5e-4)), simple);
  assert.deepEqual(labels, Uint8Array.of(1, 1, 0));
  assert.deepEqual(warnings, ["Labels are not quite whole numbers; they are rounded."]);
  assert.throws(
    () => labelsOfMask(mask(Float32Array.of(0.99)), simple),
    /which is no whole number/,
  );
});

Deno.test("labelsToValues() writes each structure by its first value, in as few bits as they need", () => {
  const labels = Uint8Array.of(0, 1, 2, IGNORED);
  const written = labelsToValues(labels, { structures, ignore: 7 });
  assert.deepEqual(written, Int16Array.of(0, 500, 205, 7));
  const simple = [{ label: 1, name: "a" }, { label: 2, name: "b" }];
  assert.deepEqual(labelsToValues(labels, { structures: simple }), labels);
  const large = [{ label: 1, name: "a", values: [70000] }];
  assert.deepEqual(
    labelsToValues(labels.subarray(0, 2), { structures: large }),
    Int32Array.of(0, 70000),
  );
});
