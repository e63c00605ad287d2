/** Training on WebGPU: the same as on the CPU, step by step. */
import assert from "node:assert/strict";
import { useBackend } from "../../lib/backends/select.ts";
import type { Config } from "../../lib/config/config.ts";
import { adapt } from "../../lib/training/adapt.ts";
import type { StepRecord } from "../../lib/training/loop.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import { STRATEGIES, STRATEGY_NAMES } from "../../lib/training/strategies/table.ts";
import { BACKENDS } from "../support/backends.ts";
import { IMAGE_LOSSES, PIXEL_LOSSES, TINY, tinySlices, unlabelled } from "../training/tiny.ts";

const slices = tinySlices(4);
const ignore = !BACKENDS.includes("webgpu");

/** Losses of a few steps on a backend. */
async function lossesOn(
  backend: "simd" | "webgpu",
  train: (onSteps: (records: StepRecord[]) => void) => Promise<unknown>,
): Promise<number[]> {
  await useBackend(backend);
  const records: StepRecord[] = [];
  await train((group) => void records.push(...group));
  return records.map(({ loss }) => loss);
}

/** Asserts that the first steps have the same losses on WebGPU and on the CPU. */
async function assertSameLosses(
  train: (onSteps: (records: StepRecord[]) => void) => Promise<unknown>,
): Promise<void> {
  const [expected, found] = [await lossesOn("simd", train), await lossesOn("webgpu", train)];
  assert.ok(expected.length >= 3 && found.length === expected.length);
  found.forEach((loss, i) => {
    const error = Math.abs(loss - expected[i]) / Math.abs(expected[i]);
    assert.ok(error < 1e-3, `step ${i + 1}: ${loss} on webgpu, ${expected[i]} on simd`);
  });
}

const losses: Record<string, Config["loss"]> = {
  ...Object.fromEntries(Object.entries(PIXEL_LOSSES).map(([name, loss]) => [name, loss("mask")])),
  ...Object.fromEntries(IMAGE_LOSSES.map((loss) => [loss.name, loss])),
};

for (const [name, loss] of Object.entries(losses)) {
  Deno.test({
    name: `pretrain() has the same losses on webgpu as on simd: ${name}`,
    ignore,
    fn: () =>
      assertSameLosses((onSteps) => pretrain(slices, { ...TINY, loss }, { steps: 4, onSteps })),
  });
}

for (const strategy of STRATEGY_NAMES.filter((name) => STRATEGIES[name].trains !== "nothing")) {
  Deno.test({
    name: `adapt() has the same losses on webgpu as on simd: ${strategy}`,
    ignore,
    fn: async () => {
      await useBackend("simd");
      const pretrained = STRATEGIES[strategy].pretraining === "none"
        ? undefined
        : await pretrain(slices, TINY, { steps: 2 });
      const { adaptation } = TINY;
      const config: Config = {
        ...TINY,
        adaptation: { ...adaptation, iterations: 4, probe: { ...adaptation.probe, iterations: 4 } },
      };
      const options = { strategy, classes: 3, pretrained, unlabelled: unlabelled(slices) };
      await assertSameLosses((onSteps) => adapt(slices, config, { ...options, onSteps }));
    },
  });
}
