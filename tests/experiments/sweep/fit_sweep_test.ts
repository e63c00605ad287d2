import assert from "node:assert/strict";
import { useBackend } from "../../../lib/backends/select.ts";
import { fitSweep } from "../../../lib/experiments/sweep/fit_sweep.ts";
import type { SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import { TINY } from "../../training/tiny.ts";

const plan: SweepPlan = {
  configs: [TINY],
  groups: [
    { pretrainings: ["none"], strategies: ["scratch"], patients: [1] },
    { pretrainings: ["tiny"], strategies: ["finetune", "probe"], patients: [1, 2] },
  ],
  seeds: [0, 1],
};

Deno.test("fitSweep() has pretrainings and adaptations as much longer as there is more time", async () => {
  await useBackend("simd");
  const fit = (seconds: number) => fitSweep(plan, { seconds, slices: 40, tested: 8 });
  const [less, more] = [await fit(60), await fit(600)];
  const lengths = ({ configs: [{ pretraining, adaptation }] }: SweepPlan) => [
    pretraining.epochs,
    adaptation.iterations,
    adaptation.probe.iterations,
  ];
  // Ten times as long, but for what a busy machine does meanwhile.
  lengths(less).forEach((length, i) => {
    const ratio = lengths(more)[i] / length;
    assert.ok(ratio > 3 && ratio < 33, `${lengths(less)} to ${lengths(more)}`);
  });
});

Deno.test("fitSweep() leaves what a plan does not need as it is", async () => {
  await useBackend("simd");
  const scratch = { ...plan, groups: plan.groups.slice(0, 1) };
  const { configs: [config] } = await fitSweep(scratch, { seconds: 20, slices: 40, tested: 8 });
  assert.equal(config.pretraining.epochs, TINY.pretraining.epochs);
  assert.ok(config.adaptation.iterations > 1);
});
