import assert from "node:assert/strict";
import { evaluateSegmentation } from "../../lib/evaluators/segmentation.ts";

const structures = [{ label: 1, name: "RV" }, { label: 2, name: "LV" }, { label: 3, name: "scar" }];
const options = { structures, shape: [3, 2, 1], spacing: [1, 1, 10] };

Deno.test("evaluateSegmentation() evaluates every structure of the label maps", () => {
  const prediction = Uint8Array.of(1, 1, 0, 0, 0, 0);
  const reference = Uint8Array.of(1, 0, 0, 0, 2, 0);
  const [rv, lv, scar] = evaluateSegmentation(prediction, reference, options);
  assert.deepEqual([rv.structure, lv.structure, scar.structure], ["RV", "LV", "scar"]);
  assert.equal(rv.dice, 2 / 3);
  assert.equal(rv.assd_mm, 1 / 3);
  assert.deepEqual([lv.dice, lv.missed], [0, true]);
  assert.deepEqual([scar.dice, scar.assd_mm, scar.missed], [1, null, false]);
});

Deno.test("evaluateSegmentation() rejects label maps that do not fill the grid", () => {
  assert.throws(
    () => evaluateSegmentation(new Uint8Array(6), new Uint8Array(5), options),
    new RangeError("Expected 6 voxels (3 × 2 × 1) in the reference, found 5"),
  );
});

Deno.test("evaluateSegmentation() rejects a grid without three axes or with no spacing", () => {
  const labels = new Uint8Array(6);
  for (const wrong of [{ shape: [3, 2] }, { spacing: [1, 0, 1] }, { spacing: [1, NaN, 1] }]) {
    assert.throws(
      () => evaluateSegmentation(labels, labels, { ...options, ...wrong }),
      /^RangeError: Expected a 3D grid with positive spacing/,
    );
  }
});
