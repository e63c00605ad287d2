import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { adapt } from "../../lib/training/adapt.ts";
import { STRATEGIES, STRATEGY_NAMES } from "../../lib/training/strategies/table.ts";
import type { StepRecord } from "../../lib/training/loop.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import type { Safetensors } from "../../lib/training/weights/safetensors.ts";
import { testOnBackends } from "../support/backends.ts";
import { WORDINGS } from "../support/wordings.ts";
import { onCpu, TINY, tinySlices, unlabelled } from "./tiny.ts";

const STEPS = 14;
const slices = tinySlices(4);
const config: Config = {
  ...TINY,
  adaptation: {
    ...TINY.adaptation,
    iterations: STEPS,
    probe: { ...TINY.adaptation.probe, iterations: STEPS },
  },
};

for (const strategy of STRATEGY_NAMES.filter((name) => STRATEGIES[name].trains !== "nothing")) {
  testOnBackends(`adapt() by ${strategy} goes on from any step, bit for bit`, async () => {
    const pretrained = STRATEGIES[strategy].pretraining === "none"
      ? undefined
      : await pretrain(slices, config, { steps: 2 });
    const given = { strategy, classes: 3, unlabelled: unlabelled(slices) };
    const records: StepRecord[] = [];
    const onSteps = (some: StepRecord[]) => void records.push(...some);
    const whole = await adapt(slices, config, { ...given, pretrained, onSteps });
    assert.equal(whole.metadata.finished, "yes");

    const interruption = new AbortController();
    let state: Safetensors | undefined;
    const first: StepRecord[] = [];
    const stopped = adapt(slices, config, {
      ...{ ...given, pretrained, signal: interruption.signal },
      onSteps: (some) => {
        first.push(...some);
        interruption.abort();
      },
      save: (checkpoint) => Promise.resolve(void (state = checkpoint)),
    });
    await assert.rejects(stopped, { name: "AbortError" });
    assert.ok(first.length > 0 && first.length < STEPS);
    assert.equal(state!.metadata.step, `${first.length}`);

    const rest: StepRecord[] = [];
    const resumed = await adapt(slices, config, {
      ...{ ...given, resume: state },
      onSteps: (some) => void rest.push(...some),
    });
    assert.deepEqual(resumed, whole);
    assert.deepEqual([...first, ...rest], records);
    assert.equal(await adapt(slices, config, { ...given, resume: whole }), whole);
  });

  Deno.test(
    `adapt() by ${strategy} that is interrupted at its last step is saved`,
    onCpu(async () => {
      const pretrained = STRATEGIES[strategy].pretraining === "none"
        ? undefined
        : await pretrain(slices, config, { steps: 2 });
      const given = { strategy, classes: 3, unlabelled: unlabelled(slices) };
      const whole = await adapt(slices, config, { ...given, pretrained });
      const steps = STRATEGIES[strategy].steps(config.adaptation, {
        pretrained: pretrained !== undefined,
      });
      const interruption = new AbortController();
      let state: Safetensors | undefined;
      const stopped = adapt(slices, config, {
        ...{ ...given, pretrained, signal: interruption.signal },
        onSteps: (some) => {
          if (some.at(-1)!.step === steps) interruption.abort();
        },
        save: (checkpoint) => Promise.resolve(void (state = checkpoint)),
      });
      await assert.rejects(stopped, { name: "AbortError" });
      assert.equal(state!.metadata.step, `${steps}`);
      assert.deepEqual(await adapt(slices, config, { ...given, resume: state }), whole);
    }),
  );
}

Deno.test(
  "adapt() goes on with no other slices or labels than those it began with",
  onCpu(async () => {
    const options = { strategy: "scratch", classes: 3 } as const;
    const resume = await adapt(slices, config, options);
    const labels = slices.labels.map((label) => label === 1 ? 2 : label);
    for (const other of [tinySlices(3), { ...slices, labels }]) {
      await assert.rejects(adapt(other, config, { ...options, resume }), {
        name: "TypeError",
        message: /expected the slices that the run began with, found others/,
      });
    }
  }),
);

Deno.test(
  "adapt() takes what fits of a pretraining where that is asked for, and tells what does not",
  onCpu(async () => {
    const pretrained = await pretrain(slices, config, { steps: 1 });
    const wider = { ...config, backbone: { ...config.backbone, widths: [4, 16] } };
    const options = { strategy: "finetune", classes: 3, pretrained } as const;
    await assert.rejects(adapt(slices, wider, options), new RegExp(WORDINGS.otherArchitecture));
    const told: number[] = [];
    await adapt(slices, wider, {
      ...options,
      partial: true,
      onMatch: ({ matched, mismatched }) => told.push(matched.length, mismatched.length),
    });
    assert.equal(told.length, 2);
    assert.ok(told.every((count) => count > 5), `${told}`);
  }),
);
