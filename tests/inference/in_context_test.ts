import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights, type Network } from "../../lib/backbones/weights.ts";
import { IGNORED } from "../../lib/data/masks/labels.ts";
import { memoryHead, memoryWeights, rememberPixels } from "../../lib/inference/in_context.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { onCpu, tinySlices, unlabelled, withoutLeak } from "../training/tiny.ts";

/** A pixel's features are its intensity and 1: their direction tells the pixel. */
const telling: Network = {
  weights: {},
  forward: (x, { training }) => {
    assert.equal(training, false);
    return tf.concat([x, tf.onesLike(x)], 3);
  },
};

for (const [pixelsPerSlice, count] of [[100, 3], [41, 17]]) {
  testOnBackends(
    `rememberPixels() keeps ${pixelsPerSlice} pixels of each of ${count} slices, half of structures`,
    async () => {
      const slices = tinySlices(count);
      // Every pixel of the stack has an intensity of its own.
      slices.images.forEach((_, i) => slices.images[i] = i / slices.images.length);
      const weights = rememberPixels(telling, slices, { pixelsPerSlice, seed: 1 });
      const features = await weights.features.array() as [number, number][];
      const labels = await weights.labels.array() as number[];
      disposeWeights(weights);
      const pixels = features.map(([intensity, one]) =>
        Math.round(intensity / one * slices.images.length)
      );
      assert.equal(new Set(pixels).size, pixels.length);
      assert.deepEqual(labels, pixels.map((pixel) => slices.labels[pixel]));
      assertClose(features.map((feature) => Math.hypot(...feature)), features.map(() => 1), 1e-5);
      for (let slice = 0; slice < count; slice++) {
        const ofSlice = labels.filter((_, i) => Math.floor(pixels[i] / 256) === slice);
        const structures = slices.labels.subarray(slice * 256, (slice + 1) * 256)
          .filter((label) => label > 0).length;
        const kept = Math.min(structures, Math.floor(pixelsPerSlice / 2));
        assert.equal(ofSlice.length, pixelsPerSlice);
        assert.equal(ofSlice.filter((label) => label > 0).length, kept);
      }
    },
  );
}

Deno.test(
  "rememberPixels() depends on the seed alone, and keeps only its weights",
  onCpu(withoutLeak(async () => {
    const remember = async (seed: number) => {
      const weights = rememberPixels(telling, tinySlices(2), { pixelsPerSlice: 20, seed });
      const features = await weights.features.data();
      disposeWeights(weights);
      return [...features];
    };
    assert.deepEqual(await remember(1), await remember(1));
    assert.notDeepEqual(await remember(1), await remember(2));
  })),
);

Deno.test(
  "rememberPixels() refuses slices without labels",
  onCpu(() => {
    const options = { pixelsPerSlice: 20, seed: 1 };
    assert.throws(() => rememberPixels(telling, unlabelled(tinySlices(1)), options), {
      name: "TypeError",
      message: "expected labelled slices, found slices without labels",
    });
  }),
);

testOnBackends("memoryHead() has the vote of the nearest pixels as its softmax", async () => {
  const source = random("memory head");
  const vectors = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: 5 }, () => source.normal()));
  const cosine = (a: number[], b: number[]) =>
    a.reduce((sum, value, i) => sum + value * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);
  const [remembered, pixels] = [vectors(40), vectors(2 * 3 * 4)];
  const labels = remembered.map(() => source.integer(3));
  const weights = memoryWeights(40, 5);
  tf.tidy(() => {
    const rows = remembered.map((row) => row.map((value) => value / Math.hypot(...row)));
    weights.features.assign(tf.tensor2d(rows));
    weights.labels.assign(tf.tensor1d(labels));
  });
  const head = memoryHead(weights, { neighbours: 6, classes: 3 });
  const x = tf.tensor4d(pixels.flat(), [2, 3, 4, 5]);
  const logits = head.forward(x, { training: false });
  assert.deepEqual(logits.shape, [2, 3, 4, 3]);
  const expected = pixels.map((pixel) => {
    const nearest = remembered
      .map((row, i) => ({ weight: Math.max(1e-6, cosine(row, pixel)), label: labels[i] }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, 6);
    const total = nearest.reduce((sum, { weight }) => sum + weight, 0);
    return [0, 1, 2].map((c) =>
      nearest.reduce((sum, { weight, label }) => label === c ? sum + weight : sum, 0) / total
    );
  });
  assertClose(await tf.softmax(logits).data(), expected.flat(), 1e-4);
  disposeWeights(weights);
});

testOnBackends("rememberPixels() remembers no pixel that nobody labelled", async () => {
  const slices = tinySlices(2);
  slices.labels.fill(IGNORED, 60, 400);
  const weights = rememberPixels(telling, slices, { pixelsPerSlice: 256, seed: 1 });
  const labels = [...await weights.labels.data()];
  disposeWeights(weights);
  assert.equal(labels.length, 512 - 340);
  assert.ok(labels.every((label) => label < 3));
});
