import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import { prepareVolume } from "../../lib/data/preprocess.ts";
import { labelsOfSlices, segmentVolume } from "../../lib/evaluators/predict.ts";
import { random } from "../../lib/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { tinyVolume } from "../support/datasets.ts";

/** Class 2 above 0.75, class 1 above 0.25, else 0. */
const threshold: Network = {
  weights: {},
  forward: (x, { training }) => {
    assert.equal(training, false);
    const label = tf.add(tf.step(tf.sub(x, 0.25)), tf.step(tf.sub(x, 0.75)));
    return tf.mul(tf.cast(tf.equal(label, [0, 1, 2]), "float32"), 9);
  },
};

/** A volume of 8 × 6 pixels per slice whose voxels are their labels. */
function labelled(depth: number) {
  const source = random("labelled", depth);
  const labels = Uint8Array.from({ length: 48 * depth }, () => source.integer(3));
  labels.set([0, 2]);
  return { ...tinyVolume(labels), voxels: labels, shape: [8, 6, depth] };
}

for (const depth of [1, 16, 17]) {
  testOnBackends(`segmentVolume() gives ${depth} slices back on their own grid`, async () => {
    const volume = labelled(depth);
    const before = tf.memory().numTensors;
    const found = await segmentVolume(threshold, prepareVolume(volume, { size: 8, spacing: 1.5 }));
    assert.deepEqual(found, volume.voxels);
    assert.equal(tf.memory().numTensors, before);
  });
}

testOnBackends("segmentVolume() calls background what the slices do not reach", async () => {
  const volume = labelled(2);
  const found = await segmentVolume(threshold, prepareVolume(volume, { size: 4, spacing: 1.5 }));
  const expected = volume.voxels.map((label, i) => {
    const [x, y] = [i % 8, Math.floor(i / 8) % 6];
    return x >= 2 && x < 6 && y >= 1 && y < 5 ? label : 0;
  });
  assert.deepEqual(found, expected);
});

testOnBackends("labelsOfSlices() labels the slices themselves", async () => {
  const volume = labelled(17);
  const prepared = prepareVolume(volume, { size: 8, spacing: 1.5 }, { mask: volume });
  assert.deepEqual(await labelsOfSlices(threshold, prepared), prepared.labels);
});
