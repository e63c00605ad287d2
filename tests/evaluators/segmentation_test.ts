import assert from "node:assert/strict";
import { evaluatedRegions } from "../../lib/data/masks/regions.ts";
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
  assert.deepEqual([scar.dice, scar.assd_mm, scar.missed], [null, null, false]);
});

Deno.test("evaluateSegmentation() evaluates regions in place of the structures they are made of", () => {
  const regions = [{ name: "heart", labels: [1, 2] }, { name: "LV", labels: [2] }];
  const prediction = Uint8Array.of(1, 2, 0, 0, 0, 0);
  const reference = Uint8Array.of(1, 1, 0, 0, 2, 0);
  const [heart, lv, ...others] = evaluateSegmentation(prediction, reference, {
    ...options,
    regions,
  });
  assert.deepEqual([heart.structure, heart.dice], ["heart", 2 * 2 / 5]);
  assert.deepEqual([lv.structure, lv.dice, others.length], ["LV", 0, 0]);
});

Deno.test("evaluateSegmentation() leaves out of both masks what nobody labelled", () => {
  const prediction = Uint8Array.of(1, 1, 2, 0, 1, 3);
  const reference = Uint8Array.of(1, 255, 255, 0, 255, 255);
  const [rv, lv, scar] = evaluateSegmentation(prediction, reference, options);
  const [expected] = evaluateSegmentation(
    Uint8Array.of(1, 0, 0, 0, 0, 0),
    Uint8Array.of(1, 0, 0, 0, 0, 0),
    options,
  );
  assert.deepEqual(rv, expected);
  assert.deepEqual([lv.dice, scar.dice, scar.volume_ml], [null, null, 0]);
});

Deno.test("evaluatedRegions() are the regions, or each structure as one", () => {
  assert.deepEqual(evaluatedRegions({ structures })[1], { name: "LV", labels: [2] });
  const regions = [{ name: "heart", labels: [1, 2] }];
  assert.equal(evaluatedRegions({ structures, regions }), regions);
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
