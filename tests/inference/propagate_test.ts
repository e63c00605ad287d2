import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import type { Volume, Voxels } from "../../lib/data/volumes/volume.ts";
import { phantomPatient } from "../../lib/data/phantom/patient.ts";
import {
  type PatientFrames,
  prepareFrames,
  type PrepareFramesOptions,
  propagateLabels,
  type PropagateOptions,
} from "../../lib/inference/propagate.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { tinyVolume } from "../support/datasets.ts";
import { plainDice } from "../support/dice.ts";
import { onCpu } from "../training/tiny.ts";

/** A pixel's features are its intensity and 1: their direction tells the intensity. */
const telling: Network = {
  weights: {},
  forward: (x, { training }) => {
    assert.equal(training, false);
    return tf.concat([x, tf.onesLike(x)], 3);
  },
};

/** A volume of slices of 8 × 8 pixels of 1.5 mm. */
function volume(voxels: Uint8Array, depth = voxels.length / 64): Volume {
  return { ...tinyVolume(voxels), shape: [8, 8, depth] };
}

const config: PrepareFramesOptions["config"] = {
  grid: { size: 8, spacing: 1.5 },
  data: { window: [0, 255] },
};

/** What is found of each frame, in the order in which it is. */
async function propagated(
  frames: PatientFrames,
  { backbone = telling, config: own = config, order, ...options }:
    & Partial<PrepareFramesOptions>
    & PropagateOptions
    & { backbone?: Network },
): Promise<Map<number, Uint8Array>> {
  const prepared = prepareFrames(frames, { config: own, order });
  const found = await Array.fromAsync(propagateLabels(backbone, prepared, options));
  return new Map(found.map(({ frame, labels }) => [frame, labels]));
}

/** Intensities that all differ within reach, and labels 0…2 by chance. */
function noise() {
  const source = random("propagate");
  const image = Uint8Array.from(source.shuffle(Array.from({ length: 128 }, (_, i) => 2 * i)));
  const labels = Uint8Array.from({ length: 128 }, () => source.integer(3));
  return { image: volume(image), mask: volume(labels) };
}

const NEAREST = { reach: 6, slices: 0, neighbours: 1 };

testOnBackends("frames that are equal to the labelled one get its mask", async () => {
  const { image, mask } = noise();
  const frames = { scans: [image, image, image, image], labelled: 1, mask };
  const before = tf.memory().numTensors;
  const found = await propagated(frames, { classes: 3, voting: NEAREST });
  // Those after it come first, then those before it.
  assert.deepEqual([...found.keys()], [2, 3, 0]);
  for (const labels of found.values()) assert.deepEqual(labels, mask.voxels);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test(
  "a structure is followed frame by frame further than votes reach",
  onCpu(async () => {
    const square = (left: number, value: number) =>
      volume(Uint8Array.from({ length: 64 }, (_, i) => {
        const [x, y] = [i % 8, Math.floor(i / 8)];
        return x >= left && x < left + 2 && y >= 3 && y < 5 ? value : 0;
      }));
    const scans = [0, 2, 4, 6].map((left) => square(left, 255));
    const voting = { reach: 3, slices: 0, neighbours: 1 };
    const follow = async (scans: Volume[]) => {
      const frames = { scans, labelled: 0, mask: square(0, 1) };
      return (await propagated(frames, { classes: 2, voting })).get(scans.length - 1);
    };
    assert.deepEqual(await follow(scans), square(6, 1).voxels);
    // From the labelled frame alone, it is out of reach.
    assert.deepEqual(await follow([scans[0], scans[3]]), new Uint8Array(64));
  }),
);

Deno.test(
  "a scan stored in another order has the same mask in its own",
  onCpu(async () => {
    const order = { axes: "RAS", usual: "RAS", slices: 2 } as const;
    const { image, mask } = noise();
    const frames = { scans: [image, image], labelled: 0, mask };
    const options = { order, classes: 3, voting: { ...NEAREST, neighbours: 4 } };
    const expected = (await propagated(frames, options)).get(1)!;
    const map = { axes: [1, 2, 0], flipped: [true, false, true] };
    const turned = { ...frames, scans: [image, reordered(image, map)] };
    const found = (await propagated(turned, options)).get(1);
    assert.deepEqual(found, reordered(volume(expected), map).voxels);
    assert.notDeepEqual(found, expected);
  }),
);

/** Intensities, blurred in two ways. */
const blurring: Network = {
  weights: {},
  forward: (x) => {
    const blurred = [3, 7].map((width) => tf.avgPool(x, width, 1, "same"));
    return tf.concat([x, ...blurred, tf.mul(0.5, tf.onesLike(x))], 3);
  },
};

Deno.test(
  "of the phantom, ES is nearer to what is propagated from ED than to the mask of ED",
  onCpu(async () => {
    const { ed, es } = phantomPatient(0);
    const frames = { scans: [ed.image, es.image, ed.image], labelled: 0, mask: ed.mask };
    const grid = { grid: { size: 48, spacing: 3 }, data: { window: "percentiles" } } as const;
    const options = { backbone: blurring, config: grid, classes: 4 };
    const found = await propagated(frames, options);
    for (const label of [2, 3]) {
      const dice = (labels: Voxels, of: Volume) => plainDice(labels, of.voxels, label);
      assert.ok(
        dice(found.get(1)!, es.mask) > dice(ed.mask.voxels, es.mask) + 0.05,
        `${label} of ES`,
      );
      assert.ok(dice(found.get(2)!, ed.mask) > 0.8, `${label} of a frame like the labelled one`);
    }
  }),
);

Deno.test("frames that cannot be propagated to are refused in a line", () => {
  const { image, mask } = noise();
  const larger = { ...volume(new Uint8Array(192)), source: "other.nii" };
  const far = { ...image, spacing: [1.5, 1.5, 9] as const, source: "far.nii" };
  const cine = { ...image, shape: [8, 8, 1, 2], source: "cine.nii" };
  const refused = (scans: Volume[], labelled = 0, own = config) => () =>
    prepareFrames({ scans, labelled, mask }, { config: own });
  const cases: [() => void, RegExp][] = [
    [refused([image], 1), /^expected a frame from 0 to 0, found 1$/],
    [refused([image, larger]), /^other\.nii: expected the grid of tiny\.nii, 8 × 8 × 2 .* × 3 /],
    [
      refused([image, far]),
      /^far\.nii: expected the grid of .*, found .* 1\.5 × 1\.5 × 9 mm, RAS;/,
    ],
    [refused([cine, cine]), /^cine\.nii: expected a/],
    [
      refused([image], 0, { ...config, data: { protocol: "midl2024", window: [0, 1] } }),
      /midl2024/,
    ],
  ];
  for (const [run, message] of cases) assert.throws(run, { message });
});
