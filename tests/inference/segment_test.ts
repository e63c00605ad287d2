import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import type { InferenceSettings } from "../../lib/config/config.ts";
import { prepareVolume, restoreMask } from "../../lib/data/slices/preprocess.ts";
import { labelsOfSlices, segmentScan, segmentVolume } from "../../lib/inference/segment.ts";
import { random } from "../../lib/math/random.ts";
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

/** Labels as intensities. */
const SCALE = { scale: [0, 2] } as const;
const data = { window: SCALE.scale };

const centre: InferenceSettings = {
  window: "centre",
  overlap: 0.5,
  largestComponent: false,
  fillHoles: false,
  mirror: false,
};
const sliding: InferenceSettings = { ...centre, window: "sliding" };

for (const depth of [1, 16, 17]) {
  testOnBackends(`segmentVolume() gives ${depth} slices back on their own grid`, async () => {
    const volume = labelled(depth);
    const before = tf.memory().numTensors;
    const slices = prepareVolume(volume, { size: 8, spacing: 1.5 }, SCALE);
    const found = await segmentVolume(threshold, slices, centre);
    assert.deepEqual(found, volume.voxels);
    assert.equal(tf.memory().numTensors, before);
  });
}

testOnBackends(
  "segmentScan() segments a scan as it was read, by centre or by windows",
  async () => {
    const scan = labelled(3);
    const grid = { size: 4, spacing: 1.5 };
    const found = (inference: InferenceSettings) =>
      segmentScan(threshold, scan, { config: { grid, inference, data } });
    assert.deepEqual(await found(sliding), scan.voxels);
    const expected = await segmentVolume(threshold, prepareVolume(scan, grid, SCALE), centre);
    assert.deepEqual(await found(centre), expected);
    assert.notDeepEqual(expected, scan.voxels);
  },
);

/** Class 1 where the second channel alone is bright, 2 where both are. */
const comparing: Network = {
  weights: {},
  forward: (x) => {
    const [a, b] = tf.split(tf.step(tf.sub(x, 0.5)), 2, 3);
    return tf.mul(tf.cast(tf.equal(tf.mul(b, tf.add(1, a)), [0, 1, 2]), "float32"), 9);
  },
};

testOnBackends("segmentScan() sees the channels of a pixel, by centre or by windows", async () => {
  const scan = labelled(17);
  const channels = [
    (label: number) => label === 2 ? 700 : 30,
    (label: number) => Math.min(label, 1),
  ]
    .map((intensity) => ({ ...scan, voxels: Float32Array.from(scan.voxels, intensity) }));
  for (const [size, inference] of [[8, centre], [4, sliding]] as const) {
    const config = { grid: { size, spacing: 1.5 }, inference };
    assert.deepEqual(await segmentScan(comparing, channels, { config }), scan.voxels);
  }
  const prepared = prepareVolume(channels, { size: 8, spacing: 1.5 }, { mask: scan });
  assert.deepEqual(await labelsOfSlices(comparing, prepared), prepared.labels);
});

testOnBackends("segmentScan() asks for the frame of a scan that has several", async () => {
  const frames = { ...labelled(4), shape: [8, 6, 2, 2] };
  const config = { grid: { size: 8, spacing: 1.5 }, inference: centre, data };
  assert.deepEqual(
    await segmentScan(threshold, frames, { config, frame: 1 }),
    frames.voxels.slice(96),
  );
  await assert.rejects(segmentScan(threshold, frames, { config }), { name: "RangeError" });
});

testOnBackends("segmentVolume() calls background what the slices do not reach", async () => {
  const volume = labelled(2);
  const slices = prepareVolume(volume, { size: 4, spacing: 1.5 }, SCALE);
  const found = await segmentVolume(threshold, slices, centre);
  const expected = volume.voxels.map((label, i) => {
    const [x, y] = [i % 8, Math.floor(i / 8) % 6];
    return x >= 2 && x < 6 && y >= 1 && y < 5 ? label : 0;
  });
  assert.deepEqual(found, expected);
});

for (const overlap of [0, 0.5]) {
  testOnBackends(
    `segmentVolume() slides windows over all of a slice, overlap ${overlap}`,
    async () => {
      const volume = labelled(2);
      const before = tf.memory().numTensors;
      const slices = prepareVolume(volume, { size: 4, spacing: 1.5 }, {
        ...SCALE,
        window: "sliding",
      });
      const found = await segmentVolume(threshold, slices, { ...sliding, overlap });
      assert.deepEqual(found, volume.voxels);
      assert.equal(tf.memory().numTensors, before);
    },
  );
}

testOnBackends("segmentVolume() averages windows by their Gaussian weights", async () => {
  const size = 4;
  const volume = { ...labelled(1), shape: [8, 4, 1] };
  volume.voxels = volume.voxels.subarray(0, 32);
  const slices = prepareVolume(volume, { size, spacing: 1.5 }, { ...SCALE, window: "sliding" });
  // Class 1 is as probable as a pixel is bright, and certain in the last column of a window, which
  // counts little there: but not where logits were averaged.
  const bias = tf.tidy(() => tf.keep(tf.tensor4d([0, 0, 0, 99], [1, 1, size, 1])));
  const leaning: Network = {
    weights: {},
    forward: (x) => {
      const logit = tf.add(tf.mul(3, tf.sub(x, 0.6)), bias);
      return tf.concat([tf.zerosLike(logit), logit], 3) as tf.Tensor4D;
    },
  };
  const found = await segmentVolume(leaning, slices, { ...sliding, overlap: 0.5 });
  bias.dispose();
  const side = slices.grid.size;
  const weight = (i: number) => Math.exp(-(((i - 1.5) / 0.5) ** 2) / 2);
  const probabilities = new Float32Array(side * side * 2);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < 8; x++) {
      const pixel = (y + 2) * side + x;
      let [sum, total] = [0, 0];
      for (const start of [0, 2, 4]) {
        if (x < start || x >= start + size) continue;
        const logit = 3 * (slices.images[pixel] - 0.6) + (x - start === 3 ? 99 : 0);
        sum += weight(x - start) / (1 + Math.exp(-logit));
        total += weight(x - start);
      }
      probabilities.set([1 - sum / total, sum / total], 2 * pixel);
    }
  }
  assert.deepEqual(found, restoreMask(probabilities, slices));
  assert.ok(found.includes(0) && found.includes(1));
});

testOnBackends("segmentVolume() keeps the largest part of each structure if told to", async () => {
  const volume = { ...labelled(1), voxels: new Uint8Array(48) };
  volume.voxels.set([1, 0, 1, 1, 0, 2, 2, 2]);
  volume.voxels.set([2], 47);
  for (const window of ["centre", "sliding"] as const) {
    const slices = prepareVolume(volume, { size: 8, spacing: 1.5 }, { ...SCALE, window });
    const inference = { ...centre, window, largestComponent: true };
    const found = await segmentVolume(threshold, slices, inference);
    assert.deepEqual([...found.subarray(0, 8)], [0, 0, 1, 1, 0, 2, 2, 2]);
    assert.equal(found[47], 0);
  }
});

Deno.test("segmentVolume() refuses slices prepared for another window", async () => {
  const grid = { size: 4, spacing: 1.5 };
  const other = { centre: "sliding", sliding: "centre" } as const;
  for (const window of ["centre", "sliding"] as const) {
    await assert.rejects(
      segmentVolume(threshold, prepareVolume(labelled(1), grid, { ...SCALE, window }), {
        ...centre,
        window: other[window],
      }),
      new RegExp(`TypeError: .*with the window "${other[window]}", found "${window}"`),
    );
  }
});

testOnBackends("labelsOfSlices() labels the slices themselves", async () => {
  const volume = labelled(17);
  const prepared = prepareVolume(volume, { size: 8, spacing: 1.5 }, { ...SCALE, mask: volume });
  assert.deepEqual(await labelsOfSlices(threshold, prepared), prepared.labels);
});

testOnBackends("segmentVolume() fills holes if told to, after small parts are gone", async () => {
  // A ring of structure 1 about an island of structure 2, and a larger piece of 2 beside it.
  const rows = ["11110222", "10010222", "12010222", "11110222", "00000000", "00000000"];
  const labels = Uint8Array.from(rows.join(""), Number);
  const volume = { ...tinyVolume(labels), voxels: labels, shape: [8, 6, 1] };
  const slices = prepareVolume(volume, { size: 8, spacing: 1.5 }, SCALE);
  const cleaned = (settings: Partial<InferenceSettings>) =>
    segmentVolume(threshold, slices, { ...centre, ...settings });
  const both = await cleaned({ fillHoles: true, largestComponent: true });
  assert.equal(both.subarray(0, 32).join(""), "11110222".repeat(4));
  const filled = await cleaned({ fillHoles: true });
  assert.equal(filled.subarray(0, 32).join(""), "1111022211110222" + "12110222" + "11110222");
  assert.deepEqual(await cleaned({}), labels);
});
