import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type LoopOptions, type StepRecord, trainingLoop } from "../../lib/training/loop.ts";
import { onCpu, withoutLeak } from "./tiny.ts";

/** Runs steps whose loss is given, and collects what happens. */
async function run(
  steps: number,
  loss: (n: number) => number,
  { from = 0, ...hooks }: Omit<Partial<LoopOptions>, "step" | "save"> = {},
) {
  const records: StepRecord[] = [];
  const saves: number[] = [];
  const failure = await trainingLoop(steps, {
    from,
    step: (n) => ({ loss: tf.scalar(loss(n)), learningRate: n / 8 }),
    save: (step) => Promise.resolve(void saves.push(step)),
    ...hooks,
    onSteps: async (group, total) => {
      assert.equal(total, steps);
      records.push(...group);
      await hooks.onSteps?.(group, total);
    },
  }).then(() => undefined, (error) => error);
  return { records, saves, failure };
}

Deno.test(
  "trainingLoop() takes every step, records it and saves the last",
  onCpu(withoutLeak(async () => {
    const { records, saves, failure } = await run(23, (n) => n, { from: 2 });
    assert.equal(failure, undefined);
    const expected = Array.from({ length: 21 }, (_, i) => i + 3);
    assert.deepEqual(
      records,
      expected.map((n) => ({ step: n, loss: n, learning_rate: n / 8 })),
    );
    assert.deepEqual(saves, [23]);
  })),
);

Deno.test(
  "trainingLoop() does nothing where all steps were taken",
  onCpu(async () => {
    assert.deepEqual(await run(5, () => 0, { from: 5 }), {
      records: [],
      saves: [],
      failure: undefined,
    });
  }),
);

Deno.test(
  "trainingLoop() ends after the step in which it is interrupted, recorded and saved",
  onCpu(withoutLeak(async () => {
    const controller = new AbortController();
    const reason = new Error("stopped by the user");
    const loss = (n: number) => {
      if (n === 14) controller.abort(reason);
      return n;
    };
    const { records, saves, failure } = await run(50, loss, { signal: controller.signal });
    assert.equal(failure, reason);
    assert.equal(records.at(-1)?.step, 14);
    assert.deepEqual(saves, [14]);
  })),
);

Deno.test(
  "trainingLoop() takes no step when it was interrupted before",
  onCpu(async () => {
    const { records, saves, failure } = await run(9, () => 0, { signal: AbortSignal.abort() });
    assert.equal(failure.name, "AbortError");
    assert.deepEqual([records, saves], [[], [0]]);
  }),
);

Deno.test(
  "trainingLoop() ends where a loss is not finite: recorded up to it, nothing saved",
  onCpu(withoutLeak(async () => {
    const { records, saves, failure } = await run(20, (n) => n < 13 ? n : NaN, {
      drawn: (step) => `batch ${step}`,
    });
    assert.equal(
      failure.message,
      "the loss became NaN at step 13 (learning rate 1.63; trained on batch 13): try a lower " +
        "learning rate, or look at those slices; what was saved is from before",
    );
    assert.equal(records.at(-1)?.step, 12);
    assert.deepEqual(saves, []);
    const atOnce = await run(20, () => Infinity);
    assert.match(atOnce.failure.message, /^the loss became Infinity at step 1 /);
    assert.deepEqual([atOnce.records, atOnce.saves], [[], []]);
  })),
);

Deno.test(
  "trainingLoop() inspects after every multiple, and not where the loss is lost",
  onCpu(withoutLeak(async () => {
    const looked: number[] = [];
    const inspect = { every: 4, look: (step: number) => Promise.resolve(void looked.push(step)) };
    const { records, saves } = await run(13, (n) => n, { from: 3, inspect });
    assert.deepEqual(records.map(({ step }) => step), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert.deepEqual([looked, saves], [[4, 8, 12], [13]]);
    looked.length = 0;
    const { failure } = await run(12, (n) => n === 6 ? NaN : n, { inspect });
    assert.match(failure.message, /^the loss became NaN at step 6 /);
    assert.deepEqual(looked, [4]);
  })),
);
