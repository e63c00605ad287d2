import { IGNORED } from "../../lib/data/masks/labels.ts";
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { ForwardOptions, Network } from "../../lib/backbones/weights.ts";
import { PUBLISHED_VIEWS } from "../../lib/config/presets.ts";
import { labelledFeatures, matchedFeatures } from "../../lib/analysis/pixel_features.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { PLAIN_VIEWS, tinySlices, unlabelled } from "../training/tiny.ts";

const slices = tinySlices(3);

/** Two features of a pixel: its intensity and half of that. It must not be trained. */
const intensities: Network = {
  weights: {},
  forward: (x: tf.Tensor4D, { training }: ForwardOptions) => {
    assert.equal(training, false);
    return tf.concat([x, tf.mul(x, 0.5)], 3);
  },
};

testOnBackends("matchedFeatures() matches pixels that show the same place", async () => {
  const views = { ...PUBLISHED_VIEWS, intensity: PLAIN_VIEWS.intensity };
  const { u, v } = matchedFeatures(intensities, slices, views);
  assert.deepEqual(u.shape, v.shape);
  assert.ok(u.shape[0] > 100 && u.shape[1] === 2, `${u.shape}`);
  assertClose(await u.data(), await v.data(), 1e-5);
  const values = await u.data();
  // No pixel from outside the slices, which would be 0, and more than one shade.
  assert.ok(values.every((value) => value > 0.02));
  assert.ok(Math.max(...values) - Math.min(...values) > 0.4);
});

testOnBackends(
  "matchedFeatures() shows two intensity transforms, the same every time",
  async () => {
    const views = { ...PLAIN_VIEWS, intensity: PUBLISHED_VIEWS.intensity };
    const [one, two] = [1, 2].map(() => matchedFeatures(intensities, slices, views));
    assert.deepEqual(await one.u.data(), await two.u.data());
    assert.deepEqual(await one.v.data(), await two.v.data());
    assert.notDeepEqual(await one.u.data(), await one.v.data());
    assert.equal(one.u.shape[0], 3 * 256);
  },
);

testOnBackends("labelledFeatures() gives features and labels of the same pixels", async () => {
  const { features, labels } = labelledFeatures(intensities, slices);
  assert.deepEqual(features.shape, [3 * 256, 2]);
  const values = await features.data();
  assert.deepEqual([...new Set(labels)].sort(), [0, 1, 2]);
  // The intensity of each label in these slices, with noise of 0.05.
  labels.forEach((label, i) => {
    assert.ok(Math.abs(values[2 * i] - [0.1, 0.9, 0.5][label]) < 0.051);
  });
});

testOnBackends("labelledFeatures() draws up to 2000 pixels from all slices", () => {
  const { features, labels } = labelledFeatures(intensities, tinySlices(20));
  assert.deepEqual([features.shape[0], labels.length], [2000, 2000]);
});

testOnBackends("labelledFeatures() refuses slices without labels", () => {
  assert.throws(() => labelledFeatures(intensities, unlabelled(slices)), {
    name: "TypeError",
    message: "expected labelled slices, found slices without labels",
  });
});

testOnBackends("labelledFeatures() leaves out pixels that nobody labelled", async () => {
  const partly = tinySlices(3);
  partly.labels.fill(IGNORED, 100, 512);
  const { features, labels } = labelledFeatures(intensities, partly);
  assert.deepEqual([features.shape, labels.length], [[100 + 256, 2], 100 + 256]);
  const values = await features.data();
  labels.forEach((label, i) => {
    assert.ok(Math.abs(values[2 * i] - [0.1, 0.9, 0.5][label]) < 0.051);
  });
  partly.labels.fill(IGNORED);
  assert.throws(() => labelledFeatures(intensities, partly), {
    name: "RangeError",
    message: "expected labelled pixels in 3 slices, found none",
  });
});
