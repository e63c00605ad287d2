import assert from "node:assert/strict";
import type { CohortSurvey } from "../../lib/plan/survey.ts";
import {
  adaptationPace,
  fitPretraining,
  paceOf,
  planWithin,
  pretrainingPace,
  stepsWithin,
  withAdaptationSteps,
} from "../../lib/training/fit_time.ts";
import { pretrainingSteps } from "../../lib/training/pretrain.ts";
import { STRATEGY_NAMES } from "../../lib/training/strategies/table.ts";
import { useBackend } from "../../lib/backends/select.ts";
import { TINY } from "./tiny.ts";

Deno.test("stepsWithin() fills a time and does not pass it", () => {
  const pace = { apart: 3, perStep: 0.5 };
  assert.equal(stepsWithin(13, pace), 20);
  assert.equal(stepsWithin(13.4, pace), 20);
  assert.equal(stepsWithin(1, pace), 1);
});

Deno.test("fitPretraining() has as many steps as fit, parts of an epoch too", () => {
  const pace = { apart: 0, perStep: 0.1 };
  for (const [slices, seconds] of [[1541, 600], [100_000, 60], [7, 900]]) {
    const { pretraining } = fitPretraining(TINY, { pace, slices, seconds });
    const steps = pretrainingSteps(slices, pretraining);
    assert.ok(Math.abs(steps - 10 * seconds) <= 0.006 * 10 * seconds + 1, `${steps}`);
  }
});

Deno.test("withAdaptationSteps() lengthens every strategy that takes steps", () => {
  const { adaptation } = withAdaptationSteps(TINY, 77);
  assert.deepEqual([adaptation.iterations, adaptation.probe.iterations], [77, 77]);
});

Deno.test("paceOf() parts steps from what trainings have in common, and takes few slow ones", async () => {
  const paced = async (perStep: number) => {
    let [milliseconds, taken] = [0, 0];
    const { now } = performance;
    performance.now = () => milliseconds;
    try {
      const pace = await paceOf((steps) => {
        taken += steps;
        milliseconds += 1000 * (0.5 + perStep * steps);
        return Promise.resolve();
      });
      return { pace, taken };
    } finally {
      performance.now = now;
    }
  };
  assert.deepEqual(await paced(0.25), { pace: { apart: 0.5, perStep: 0.25 }, taken: 12 });
  assert.deepEqual(await paced(10), { pace: { apart: 0, perStep: 10.25 }, taken: 4 });
});

Deno.test("pretrainingPace() and adaptationPace() measure every kind of step", async () => {
  await useBackend("simd");
  const pace = await pretrainingPace(TINY, { channels: 2 });
  assert.ok(pace.perStep > 0 && pace.apart >= 0);
  for (const strategy of STRATEGY_NAMES) {
    const { perStep, apart } = await adaptationPace(TINY, { strategy });
    assert.ok(perStep > 0 && perStep < 60 && apart >= 0, strategy);
  }
});

Deno.test("planWithin() spends plenty of time on a finer grid, and little on the plain one", async () => {
  await useBackend("simd");
  const survey: CohortSurvey = {
    ...{ patients: 8, scans: 8, channels: 1, pixel: 0.5, extent: 200, slices: 80 },
    ...{ pictures: false, hounsfield: false },
    outlines: {
      ...{ patients: 2, reach: 30, intensities: [0, 9] },
      structures: [{ name: "a", across: 25 }],
    },
  };
  const set = ["backbone.widths=[4,8]", "pretraining.batch=2", "loss.pixels=50"];
  const sizes = [];
  for (const seconds of [1, 1e7]) {
    sizes.push((await planWithin(survey, { set, seconds })).plan.config.grid.size);
  }
  assert.ok(sizes[0] <= 72 && sizes[1] >= 128, `${sizes}`);
});
