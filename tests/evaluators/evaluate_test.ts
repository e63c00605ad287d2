import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import type { CohortScan } from "../../lib/data/slices/cohort.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { tinyVolume } from "../support/datasets.ts";
import { onCpu, TINY } from "../training/tiny.ts";

const { inference } = TINY;
const structures = [{ label: 1, name: "LV" }, { label: 2, name: "RV" }];

/** Class 1 where the image is bright; never class 2. */
const bright: Network = {
  weights: {},
  forward: (x) => tf.concat([tf.sub(0.5, x), tf.sub(x, 0.5), tf.fill(x.shape, -9)], 3),
};

/** A scan whose image shows the structure 1 of `shown`; its reference holds `labels`. */
function scan(phase: string, shown: Uint8Array, labels?: Uint8Array): CohortScan {
  const image = tinyVolume(shown);
  return {
    patient: "patient001",
    group: "NOR",
    phase,
    image: `${phase}.nii.gz`,
    slices: prepareVolume(image, { size: 4, spacing: 1.5 }),
    reference: labels,
    shape: image.shape,
    spacing: image.spacing,
    warnings: [],
  };
}

const half = Uint8Array.from({ length: 24 }, (_, i) => i % 4 < 2 ? 1 : 0);
const quarter = Uint8Array.from({ length: 24 }, (_, i) => i % 4 < 1 ? 1 : 0);

Deno.test(
  "evaluateModel() gives one record per structure and scan, in native spacing",
  onCpu(
    async () => {
      const done: number[] = [];
      const scans = [scan("ED", half, half), scan("ES", half, quarter)];
      const records = await evaluateModel(bright, scans, {
        structures,
        inference,
        onScan: (count, total) => void done.push(count / total),
      });
      assert.deepEqual(done, [0.5, 1]);
      assert.deepEqual(
        records.map((
          { patient, group, phase, structure, dice, hausdorff_mm, missed },
        ) => [patient, group, phase, structure, dice, hausdorff_mm, missed]),
        [
          ["patient001", "NOR", "ED", "LV", 1, 0, false],
          ["patient001", "NOR", "ED", "RV", null, null, false],
          ["patient001", "NOR", "ES", "LV", 2 / 3, 1.5, false],
          ["patient001", "NOR", "ES", "RV", null, null, false],
        ],
      );
      // 12 and 6 voxels of 1.5 × 1.5 × 8 mm.
      assertClose(records[2].volume_ml, 12 * 18 / 1000, 1e-12);
      assertClose(records[2].reference_volume_ml, 6 * 18 / 1000, 1e-12);
    },
  ),
);

Deno.test(
  "evaluateModel() refuses a scan without a reference",
  onCpu(async () => {
    await assert.rejects(evaluateModel(bright, [scan("ED", half)], { structures, inference }), {
      name: "TypeError",
      message: "ED.nii.gz: expected a mask to evaluate against, found none",
    });
  }),
);
