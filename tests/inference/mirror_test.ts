import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { segmentScan, segmentVolume } from "../../lib/inference/segment.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { tinyVolume } from "../support/datasets.ts";
import { PRESETS } from "../../lib/config/presets.ts";

const { inference: plain } = PRESETS["pix2rep-demo"];
const mirror = { ...plain, mirror: true };
const SIZE = 6;
const CLASSES = 3;

/** What is added to the logit of a class at a row and a column: no mirror image of itself. */
const bias = (row: number, column: number, label: number) =>
  Math.sin(1 + 5 * row + 3 * column + 7 * label);

const biases = Array.from({ length: SIZE * SIZE * CLASSES }, (_, i) => {
  const pixel = Math.floor(i / CLASSES);
  return bias(Math.floor(pixel / SIZE), pixel % SIZE, i % CLASSES);
});

/** Logits that follow the intensity, each class in its way, and the place. */
const placed: Network = {
  weights: {},
  forward: (x) =>
    tf.add(tf.mul(x, [0, 2, -2]), tf.tensor4d(biases, [1, SIZE, SIZE, CLASSES])) as tf.Tensor4D,
};

function softmax(logits: number[]): number[] {
  const powers = logits.map(Math.exp);
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

/** The class of a pixel by the mean over the slice as it is, mirrored by columns, and by rows. */
function expected(value: number, row: number, column: number): number {
  const last = SIZE - 1;
  const places = [[row, column], [row, last - column], [last - row, column]];
  const seen = places.map(([row, column]) =>
    softmax([0, 2 * value, -2 * value].map((logit, label) => logit + bias(row, column, label)))
  );
  const mean = [0, 1, 2].map((label) => seen.reduce((sum, of) => sum + of[label], 0));
  return mean.indexOf(Math.max(...mean));
}

const source = random("mirror");
const voxels = Float32Array.from({ length: SIZE * SIZE * 17 }, () => source.uniform(0, 1));
const scan = { ...tinyVolume(voxels), shape: [SIZE, SIZE, 17], voxels };
const grid = { size: SIZE, spacing: 1.5 };
const data = { window: [0, 1] as const };

testOnBackends(
  "segmentVolume() sees slices mirrored too if told to, and takes the mean",
  async () => {
    const before = tf.memory().numTensors;
    const slices = prepareVolume(scan, grid, { scale: data.window });
    const found = await segmentVolume(placed, slices, mirror);
    const labels = voxels.map((value, i) => expected(value, Math.floor(i / SIZE) % SIZE, i % SIZE));
    assert.deepEqual([...found], [...labels]);
    assert.notDeepEqual(await segmentVolume(placed, slices, plain), found);
    assert.equal(tf.memory().numTensors, before);
  },
);

testOnBackends(
  "mirroring changes nothing of a model that knows no sides, by windows too",
  async () => {
    const even: Network = {
      weights: {},
      forward: (x) => tf.mul(tf.sub(x, 0.5), [0, 3]) as tf.Tensor4D,
    };
    for (const window of ["centre", "sliding"] as const) {
      const segment = (inference: typeof plain) =>
        segmentScan(even, scan, {
          config: { grid: { size: 4, spacing: 1.5 }, inference: { ...inference, window }, data },
        });
      assert.deepEqual(await segment(mirror), await segment(plain));
    }
  },
);

Deno.test("a configuration mirrors where the views of training do, and nowhere else", () => {
  const set = ["inference.mirror=true"];
  assert.throws(() => resolveConfig("pix2rep-small", { set }), {
    name: "RangeError",
    message:
      /^inference\.mirror=true: inference\.mirror: expected false, for views .* found true: /,
  });
  const flipping = [...set, "adaptation.views.spatial.flip=true"];
  assert.equal(resolveConfig("pix2rep-small", { set: flipping }).inference.mirror, true);
});
