import * as tf from "@tensorflow/tfjs";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import type { SliceStack } from "../../lib/data/slices/slices.ts";
import { forecastPretraining } from "../../lib/training/forecast.ts";
import {
  pretrainingStep,
  pretrainingSteps,
  startPretraining,
} from "../../lib/training/pretrain.ts";
import { disposeTraining } from "../../lib/training/optimiser.ts";
import { IMAGE_LOSSES, onCpu, PIXEL_LOSSES, TINY, tinySlices, withoutLeak } from "./tiny.ts";

const slices = tinySlices(20);
const losses = [
  PIXEL_LOSSES["info-nce"]("mask"),
  PIXEL_LOSSES["barlow-twins of all pixels"]("mask"),
];

function batchOf(batch: number) {
  return { ...TINY, pretraining: { ...TINY.pretraining, batch } };
}

/** Seconds of a step, and most bytes of tensors that it takes at once. */
async function takenByStep(slices: SliceStack, config: Config) {
  const started = startPretraining(config);
  const began = performance.now();
  const { peakBytes: bytes } = await tf.profile(async () => {
    const { loss } = pretrainingStep(started, slices, { config, step: 1, steps: 1 });
    await loss.data();
    loss.dispose();
    return [];
  });
  disposeTraining(started.state);
  return { bytes, secondsPerStep: (performance.now() - began) / 1000 };
}

/**
 * A body under a clock that goes by how many values tensors were made of: a millisecond for each by
 * default.
 */
function byWork(
  body: () => Promise<void>,
  clock: (values: number) => number = (values) => values,
): () => Promise<void> {
  return onCpu(async () => {
    const backend = tf.backend() as MathBackendCPU;
    const { makeTensorInfo } = backend;
    let values = 0;
    backend.makeTensorInfo = function (shape, ...rest) {
      values += tf.util.sizeFromShape(shape);
      return makeTensorInfo.call(this, shape, ...rest);
    };
    const { now } = performance;
    performance.now = () => clock(values);
    try {
      await body();
    } finally {
      performance.now = now;
      backend.makeTensorInfo = makeTensorInfo;
    }
  });
}

Deno.test(
  "forecastPretraining() foretells the memory of a larger batch to 5 %",
  onCpu(async () => {
    for (const loss of [...losses, ...IMAGE_LOSSES]) {
      const config = { ...batchOf(16), loss };
      const { bytes } = await forecastPretraining(slices, config);
      const { bytes: taken } = await takenByStep(slices, config);
      assert.ok(Math.abs(bytes / taken - 1) < 0.05, `${loss.name}: ${bytes}, took ${taken}`);
    }
  }),
);

Deno.test(
  "forecastPretraining() measures parts of large slices, and reckons by their area",
  byWork(async () => {
    const large = tinySlices(6, 128);
    const config = { ...batchOf(3), loss: losses[1], grid: { ...TINY.grid, size: 128 } };
    const taken = await takenByStep(large, config);
    const forecast = await forecastPretraining(large, config);
    for (const what of ["bytes", "secondsPerStep"] as const) {
      const [found, expected] = [forecast[what], taken[what]];
      assert.ok(Math.abs(found / expected - 1) < 0.05, `${what}: ${found}, took ${expected}`);
    }
  }),
);

Deno.test(
  "forecastPretraining() counts steps and weights, foretells their time, and leaves nothing behind",
  byWork(withoutLeak(async () => {
    for (const batch of [1, 3, 16]) {
      const config = batchOf(batch);
      const { steps, weights, secondsPerStep } = await forecastPretraining(slices, config);
      assert.equal(steps, pretrainingSteps(slices.count, config.pretraining));
      const { secondsPerStep: taken } = await takenByStep(slices, config);
      assert.ok(Math.abs(secondsPerStep / taken - 1) < 0.05, `${secondsPerStep}, took ${taken}`);
      const { state } = startPretraining(config);
      assert.equal(weights, Object.values(state.weights).reduce((sum, { size }) => sum + size, 0));
      disposeTraining(state);
    }
    const { steps } = await forecastPretraining(slices, batchOf(16), { steps: 7 });
    assert.equal(steps, 7);
  })),
);

Deno.test(
  "forecastPretraining() foretells some time of a single slice where the machine gets busy meanwhile",
  byWork(async () => {
    const { secondsPerStep } = await forecastPretraining(slices, batchOf(1));
    assert.ok(secondsPerStep > 0, `${secondsPerStep}`);
  }, (values) => values ** 8),
);
