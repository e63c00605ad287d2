import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { patientDescriptors, patientFeatures } from "../../lib/analysis/patient_features.ts";
import type { Network } from "../../lib/backbones/weights.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { withFolder } from "../support/datasets.ts";
import { TRAINING, writeCohort } from "../tasks/cohort.ts";

const grid = { size: 12, spacing: 1.5 };
const PATIENTS = TRAINING.slice(0, 3);

/** Two features of a pixel: its intensity, and its square less 1. */
const network: Network = {
  weights: {},
  forward: (x: tf.Tensor4D) => tf.concat([x, tf.sub(tf.square(x), 1)], 3),
};

function moments(values: readonly number[]): [mean: number, deviation: number] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)];
}

testOnBackends(
  "patientFeatures() pools each slice of each scan, and opens no mask",
  () =>
    withFolder(async (dir) => {
      await writeCohort(dir);
      const opened = await openDataset(dir, { readMasks: false });
      // Whoever opens a mask finds nothing there.
      const dataset = {
        ...opened,
        patients: opened.patients.map((patient) => ({
          ...patient,
          scans: patient.scans.map((scan) => ({ ...scan, mask: `${dir}/nowhere.nii.gz` })),
        })),
      };
      await assert.rejects(loadCohort(dataset, PATIENTS, { grid, labelled: true }));
      const progress: number[] = [];
      const found = await patientFeatures(network, dataset, PATIENTS, {
        grid,
        onScan: (done, total) => progress.push(done / total),
      });
      assert.deepEqual(progress, [1, 2, 3, 4, 5, 6].map((done) => done / 6));
      assert.deepEqual(found.map(({ patient }) => patient), PATIENTS);
      const scans = await loadCohort(opened, PATIENTS, { grid, labelled: false });
      const expected = scans.flatMap(({ patient, phase, slices: { images, depth } }) =>
        Array.from({ length: depth }, (_, slice) => {
          const pixels = [...images.subarray(slice * 144, (slice + 1) * 144)];
          const [a, b] = [moments(pixels), moments(pixels.map((x) => x * x - 1))];
          return { patient, phase, slice, features: [a[0], b[0], a[1], b[1]] };
        })
      );
      const rows = found.flatMap(({ patient, slices }) =>
        slices.map((slice) => ({ patient, ...slice }))
      );
      assert.equal(rows.length, expected.length);
      rows.forEach(({ patient, scan, phase, slice, features }, i) => {
        assert.deepEqual([patient, phase, slice], [
          ...[expected[i].patient, expected[i].phase, expected[i].slice],
        ]);
        assert.equal(scan, phase === "ED" ? 0 : 1);
        assertClose(features, expected[i].features, 1e-5);
      });
    }),
);

testOnBackends(
  "patientFeatures() refuses a protocol that crops about masks",
  () =>
    withFolder(async (dir) => {
      await writeCohort(dir);
      const dataset = await openDataset(dir, { data: { protocol: "midl2024" } });
      await assert.rejects(patientFeatures(network, dataset, PATIENTS, { grid }), /midl2024/);
    }),
);

Deno.test("patientDescriptors() are mean features, each of which counts alike", () => {
  const slice = (...features: number[]) => ({
    ...{ scan: 0, phase: "", slice: 0 },
    features: Float32Array.from(features),
  });
  const cohort = [
    { patient: "a", slices: [slice(0, 500), slice(2, 500)] },
    { patient: "b", slices: [slice(3, 900)] },
  ];
  const [a, b] = patientDescriptors(cohort);
  assertClose(a, [-1, -1], 1e-9);
  assertClose(b, [1, 1], 1e-9);
});
