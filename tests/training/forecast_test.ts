import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
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

Deno.test(
  "forecastPretraining() foretells the memory of a larger batch to 5 %",
  onCpu(async () => {
    for (const loss of [...losses, ...IMAGE_LOSSES]) {
      const config = { ...batchOf(16), loss };
      const { bytes } = await forecastPretraining(slices, config);
      const started = startPretraining(config);
      const { peakBytes } = await tf.profile(async () => {
        const { loss } = pretrainingStep(started, slices, { config, step: 1, steps: 1 });
        await loss.data();
        loss.dispose();
        return [];
      });
      disposeTraining(started.state);
      assert.ok(
        Math.abs(bytes / peakBytes - 1) < 0.05,
        `${loss.name}: ${bytes}, took ${peakBytes}`,
      );
    }
  }),
);

Deno.test(
  "forecastPretraining() counts steps and weights, takes a time, and leaves nothing behind",
  onCpu(withoutLeak(async () => {
    for (const batch of [1, 3, 16]) {
      const config = batchOf(batch);
      const { steps, weights, secondsPerStep } = await forecastPretraining(slices, config);
      assert.equal(steps, pretrainingSteps(slices.count, config.pretraining));
      assert.ok(secondsPerStep > 0 && secondsPerStep < 10, `${secondsPerStep} s`);
      const { state } = startPretraining(config);
      assert.equal(weights, Object.values(state.weights).reduce((sum, { size }) => sum + size, 0));
      disposeTraining(state);
    }
    const { steps } = await forecastPretraining(slices, batchOf(16), { steps: 7 });
    assert.equal(steps, 7);
  })),
);
