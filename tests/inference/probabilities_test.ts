import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import { PRESETS } from "../../lib/config/presets.ts";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import {
  expectProbabilitiesFit,
  segmentScanProbabilities,
  segmentScanTogether,
} from "../../lib/inference/segment.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { tinyVolume } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";

const { inference } = PRESETS["pix2rep-demo"];
const CLASSES = 3;

function following(...slopes: number[]): Network {
  return { weights: {}, forward: (x) => tf.mul(tf.sub(x, 0.5), slopes) as tf.Tensor4D };
}

function softmax(value: number, slopes: readonly number[]): number[] {
  const powers = slopes.map((slope) => Math.exp(slope * (value - 0.5)));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

const SLOPES = [[0, 4, -7], [20, -30, 0]] as const;
const SHAPE = [8, 6, 17];
const source = random("probabilities");
const voxels = Float32Array.from({ length: 8 * 6 * 17 }, () => source.uniform(0, 1));
const scan = { ...tinyVolume(voxels), shape: SHAPE, voxels };
const config = { grid: { size: 8, spacing: 1.5 }, inference, data: { window: [0, 1] as const } };
const members = SLOPES.map((slopes) => ({ model: following(...slopes), config }));

testOnBackends("segmentScanProbabilities() gives the mean of the models' softmax", async () => {
  const { labels, probabilities } = await segmentScanProbabilities(members, scan, {
    classes: CLASSES,
  });
  assert.deepEqual(labels, await segmentScanTogether(members, scan, {}));
  const each = [...voxels].map((value) => SLOPES.map((slopes) => softmax(value, slopes)));
  for (const [i, of] of each.entries()) {
    for (let c = 0; c < CLASSES; c++) {
      const expected = (of[0][c] + of[1][c]) / 2;
      assert.ok(Math.abs(probabilities[c * voxels.length + i] - expected) < 1e-5, `${i}, ${c}`);
    }
  }
});

testOnBackends("segmentScanProbabilities() calls background what no grid reaches", async () => {
  const small = { ...config, grid: { size: 4, spacing: 1.5 } };
  const [{ model }] = members;
  const of = await segmentScanProbabilities([{ model, config: small }], scan, { classes: CLASSES });
  const whole = await segmentScanProbabilities([{ model, config }], scan, { classes: CLASSES });
  for (const i of voxels.keys()) {
    const [x, y] = [i % 8, Math.floor(i / 8) % 6];
    const inside = x >= 2 && x < 6 && y >= 1 && y < 5;
    const found = [0, 1, 2].map((c) => of.probabilities[c * voxels.length + i]);
    const expected = [0, 1, 2].map((c) => whole.probabilities[c * voxels.length + i]);
    assert.deepEqual(found, inside ? expected : [1, 0, 0]);
  }
});

testOnBackends("segmentScanProbabilities() comes in the scan's own order of voxels", async () => {
  const order = { axes: "RAS", usual: "RAS", slices: 2, fixed: true } as const;
  const options = { order, classes: CLASSES };
  const straight = await segmentScanProbabilities(members, scan, options);
  for (const map of [ALL_ORDERS[5], ALL_ORDERS[29], ALL_ORDERS[47]]) {
    const turned = reordered(scan, map);
    const { probabilities } = await segmentScanProbabilities(members, turned, options);
    for (let c = 0; c < CLASSES; c++) {
      const part = (all: Float32Array) => all.slice(c * voxels.length, (c + 1) * voxels.length);
      const expected = reordered({ ...scan, voxels: part(straight.probabilities) }, map).voxels;
      assert.deepEqual(part(probabilities), expected);
    }
  }
});

Deno.test("expectProbabilitiesFit() refuses probabilities beyond 2 GiB", () => {
  expectProbabilitiesFit({ ...scan, shape: [512, 512, 512] }, 4);
  assert.throws(() => expectProbabilitiesFit({ ...scan, shape: [512, 512, 513] }, 4), {
    name: "RangeError",
    message: /^tiny\.nii: expected probabilities of at most 2147483648 bytes, found 2151677952: /,
  });
});
