/** Functions of a caller's own in pretraining and adaptation. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { drawViews, supervisedView } from "../../lib/augmentations/views.ts";
import type { Config } from "../../lib/config/config.ts";
import { infoNce } from "../../lib/losses/info_nce.ts";
import { diceCrossEntropy, softDice } from "../../lib/losses/segmentation.ts";
import { adapt, type AdaptOptions } from "../../lib/training/adapt.ts";
import { batchPositions } from "../../lib/training/batches.ts";
import type { PretrainingFunctions } from "../../lib/training/own_functions.ts";
import { pretrain, type PretrainOptions } from "../../lib/training/pretrain.ts";
import type { Safetensors } from "../../lib/training/weights/safetensors.ts";
import { IMAGE_LOSSES, onCpu, TINY, tinySlices, unlabelled } from "./tiny.ts";

const STEPS = 14;
const labelled = tinySlices(4);
const slices = unlabelled(labelled);
const config: Config = { ...TINY, adaptation: { ...TINY.adaptation, iterations: STEPS } };

/** Views in which the first is as it was drawn, and the second brighter. */
const brighter: PretrainingFunctions["augment"] = (x, settings, random) => {
  const views = drawViews(x, settings, random);
  return { ...views, second: tf.add(views.second, random.uniform(0, 0.1)) };
};

/** The mean distance of vectors: not what any configured loss computes. */
const distance: PretrainingFunctions["loss"] = (u, v) => tf.mean(tf.squaredDifference(u, v));

/** Trains until the first records, and returns what is saved then. */
async function stopped(
  train: (options: Pick<PretrainOptions, "signal" | "onSteps" | "save">) => Promise<Safetensors>,
): Promise<Safetensors> {
  const interruption = new AbortController();
  let state: Safetensors | undefined;
  await assert.rejects(
    train({
      signal: interruption.signal,
      onSteps: () => interruption.abort(),
      save: (checkpoint) => Promise.resolve(void (state = checkpoint)),
    }),
    { name: "AbortError" },
  );
  return state!;
}

Deno.test(
  "pretrain() with the library's functions as the caller's own computes the same",
  onCpu(async () => {
    const seen: number[][] = [];
    const own = await pretrain(slices, config, {
      steps: 3,
      augment: drawViews,
      loss: (u, v, mask) => infoNce(u, v, { temperature: 0.1, mask }),
      onBatch: ({ step, positions, view: { first, second } }) => {
        seen.push([step, ...positions]);
        assert.deepEqual([first.shape, second.shape], [[2, 16, 16, 1], [2, 16, 16, 1]]);
      },
    });
    const { seed, pretraining: { batch } } = config;
    assert.deepEqual(
      seen,
      [1, 2, 3].map((step) => [step, ...batchPositions(step, slices.count, { batch, seed })]),
    );
    const plain = await pretrain(slices, config, { steps: 3 });
    assert.deepEqual(own.tensors, plain.tensors);
    assert.equal(own.metadata.own, "augment, loss");
    assert.equal(plain.metadata.own, undefined);
  }),
);

Deno.test(
  "pretrain() trains by functions of the caller's own, and goes on with them bit for bit",
  onCpu(async () => {
    const own = { augment: brighter, loss: distance };
    const plain = await pretrain(slices, config, { steps: STEPS });
    const whole = await pretrain(slices, config, { steps: STEPS, ...own });
    for (const part of [{ augment: brighter }, { loss: distance }]) {
      const { tensors } = await pretrain(slices, config, { steps: STEPS, ...part });
      for (const other of [plain, whole]) assert.notDeepEqual(tensors, other.tensors);
    }
    const resume = await stopped((hooks) =>
      pretrain(slices, config, { steps: STEPS, ...own, ...hooks })
    );
    assert.ok(Number(resume.metadata.step) < STEPS);
    assert.deepEqual(await pretrain(slices, config, { steps: STEPS, ...own, resume }), whole);
  }),
);

Deno.test(
  "pretrain() by a loss over slices compares the caller's own views, by the caller's own loss",
  onCpu(async () => {
    const over = { ...config, loss: IMAGE_LOSSES[0] };
    const plain = await pretrain(slices, over, { steps: 3 });
    for (const own of [{ augment: brighter }, { loss: distance }]) {
      const { tensors } = await pretrain(slices, over, { steps: 3, ...own });
      assert.notDeepEqual(tensors, plain.tensors);
    }
  }),
);

Deno.test(
  "adapt() trains by functions of the caller's own, and goes on with them bit for bit",
  onCpu(async () => {
    const given: AdaptOptions = { strategy: "scratch", classes: 3 };
    const plain = await adapt(labelled, config, given);
    const seen: number[] = [];
    const same = await adapt(labelled, config, {
      ...{ ...given, augment: supervisedView, loss: diceCrossEntropy },
      onBatch: ({ step, positions, view: { images, labels } }) => {
        seen.push(step);
        assert.deepEqual([...images.shape], [positions.length, 16, 16, 1]);
        assert.deepEqual([...labels.shape], [positions.length, 16, 16, 3]);
      },
    });
    assert.deepEqual(same.tensors, plain.tensors);
    assert.deepEqual(seen, Array.from({ length: STEPS }, (_, i) => i + 1));

    const own: AdaptOptions = { ...given, augment: (view) => view, loss: softDice };
    const whole = await adapt(labelled, config, own);
    assert.notDeepEqual(whole.tensors, plain.tensors);
    const resume = await stopped((hooks) => adapt(labelled, config, { ...own, ...hooks }));
    assert.deepEqual(await adapt(labelled, config, { ...own, resume }), whole);
    assert.equal(whole.metadata.own, "augment, loss");
  }),
);

Deno.test(
  "a run with functions of the caller's own does not go on without them, nor one without with",
  onCpu(async () => {
    const [own, plain] = [{ loss: distance }, {}].map((functions) =>
      stopped((hooks) => pretrain(slices, config, { steps: STEPS, ...functions, ...hooks }))
    );
    const going = async (resume: Promise<Safetensors>, functions: PretrainingFunctions) =>
      await pretrain(slices, config, { steps: STEPS, ...functions, resume: await resume });
    await assert.rejects(going(own, {}), {
      name: "TypeError",
      message: "checkpoint: expected the functions of your own that the run began with (loss), " +
        "found none: give the same again, as a checkpoint does not hold them",
    });
    await assert.rejects(going(own, { loss: distance, augment: brighter }), /found augment, loss:/);
    await assert.rejects(going(plain, { loss: distance }), /\(none\), found loss: /);
    const finished = await adapt(labelled, config, {
      ...{ strategy: "scratch", classes: 3, loss: softDice },
    });
    await assert.rejects(
      adapt(labelled, config, { strategy: "scratch", classes: 3, resume: finished }),
      /\(loss\), found none: /,
    );
  }),
);

Deno.test(
  "adapt() in context takes no functions to train with",
  onCpu(async () => {
    const pretrained = await pretrain(slices, config, { steps: 1 });
    const given = { strategy: "in-context", classes: 3, pretrained } as const;
    await assert.rejects(adapt(labelled, config, { ...given, loss: softDice }), {
      name: "TypeError",
      message: "in-context: expected no loss, as it takes no steps; leave it out",
    });
  }),
);
