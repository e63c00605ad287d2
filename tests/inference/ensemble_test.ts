import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import type { InferenceSettings } from "../../lib/config/config.ts";
import { prepareVolume, restoreMask } from "../../lib/data/slices/preprocess.ts";
import {
  segmentScan,
  segmentScanTogether,
  segmentTogether,
  segmentVolume,
} from "../../lib/inference/segment.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { tinyVolume } from "../support/datasets.ts";
import { PRESETS } from "../../lib/config/presets.ts";

const { inference: centre } = PRESETS["pix2rep-demo"];
const sliding: InferenceSettings = { ...centre, window: "sliding" };

/** A scan of noise in [0, 1], of which a window of the same range is the scale. */
function noise(...shape: number[]) {
  const source = random("ensemble", ...shape);
  const voxels = Float32Array.from(
    { length: shape.reduce((a, b) => a * b) },
    () => source.uniform(0, 1),
  );
  return { ...tinyVolume(voxels), shape, voxels };
}

const data = { window: [0, 1] as const };

/** Three classes, whose logits follow a pixel's intensity in a way of its own. */
function following(...slopes: number[]): Network {
  return {
    weights: {},
    forward: (x) => tf.mul(tf.sub(x, 0.5), slopes) as tf.Tensor4D,
  };
}

const [one, other] = [following(0, 4, -7), following(20, -30, 0)];

/** The softmax of slopes times the intensity of each pixel, in double precision. */
function probabilities(images: Float32Array, slopes: number[]): number[] {
  return [...images].flatMap((value) => {
    const powers = slopes.map((slope) => Math.exp(slope * (value - 0.5)));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / total);
  });
}

testOnBackends("segmentTogether() takes the mean of models' probabilities", async () => {
  const before = tf.memory().numTensors;
  // A grid that is not the scan's, and more slices than pass a network together.
  const slices = prepareVolume(noise(9, 7, 17), { size: 8, spacing: 2 }, { scale: data.window });
  const members = [one, other].map((model) => ({ model, slices, inference: centre }));
  const [a, b] = [[0, 4, -7], [20, -30, 0]].map((of) => probabilities(slices.images, of));
  // Resampling is linear: the mean may as well be taken before it.
  const expected = restoreMask(Float32Array.from(a, (value, i) => (value + b[i]) / 2), slices);
  const found = await segmentTogether(members);
  const differ = found.filter((label, i) => label !== expected[i]).length;
  assert.ok(differ <= 1, `${differ} voxels differ`);
  assert.equal(new Set(found).size, 3);
  for (const member of members) {
    assert.notDeepEqual(await segmentVolume(member.model, slices, centre), found);
  }
  assert.equal(tf.memory().numTensors, before);
});

testOnBackends(
  "segmentScanTogether() lets models of any grids meet on the scan's own",
  async () => {
    const scan = noise(8, 6, 3);
    const config = { grid: { size: 8, spacing: 1.5 }, inference: centre, data };
    const small = { ...config, grid: { size: 4, spacing: 1.5 } };
    const alone = await segmentScan(one, scan, { config });
    const members = [{ model: one, config }, { model: other, config: small }];
    const found = await segmentScanTogether(members, scan, {});
    const both = await segmentScanTogether(
      [{ model: one, config }, { model: other, config }],
      scan,
      {},
    );
    // Where the smaller grid does not reach, the model of the larger one decides alone.
    const expected = alone.map((label, i) => {
      const [x, y] = [i % 8, Math.floor(i / 8) % 6];
      return x >= 2 && x < 6 && y >= 1 && y < 5 ? both[i] : label;
    });
    assert.deepEqual(found, expected);
    assert.notDeepEqual(found, both);
    // One that looks by windows meets one that sees the centre.
    const windows = { ...small, inference: sliding };
    assert.deepEqual(
      await segmentScanTogether(
        [{ model: one, config }, { model: other, config: windows }],
        scan,
        {},
      ),
      both,
    );
  },
);

testOnBackends("segmentTogether() of a model with itself is that model", async () => {
  const slices = prepareVolume(noise(8, 6, 2), { size: 8, spacing: 1 }, { scale: data.window });
  const member = { model: one, slices, inference: centre };
  const shares: number[] = [];
  const found = await segmentTogether([member, member], { onProgress: (of) => shares.push(of) });
  assert.deepEqual(found, await segmentVolume(one, slices, centre));
  assert.deepEqual(shares, [0.5, 1]);
});

testOnBackends("segmentTogether() refuses models that do not go together", async () => {
  const slices = prepareVolume(noise(8, 6, 2), { size: 8, spacing: 1 }, { scale: data.window });
  const member = { model: one, slices, inference: centre };
  const largest = { ...member, inference: { ...centre, largestComponent: true } };
  const two = { ...member, model: following(1, 2) };
  for (
    const [members, message] of [
      [[], /expected a model or more/],
      [[member, largest], /agree in inference\.largestComponent/],
      [[member, two], /models of the same structures/],
    ] as const
  ) {
    await assert.rejects(segmentTogether(members), { name: "RangeError", message });
  }
});
