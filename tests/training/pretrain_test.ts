import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { drawViews } from "../../lib/augmentations/views.ts";
import { type Network, trainable } from "../../lib/backbones/weights.ts";
import type { Config, FieldOfView } from "../../lib/config/config.ts";
import { PRESETS, SUPERVISED_VIEWS } from "../../lib/config/presets.ts";
import { random } from "../../lib/random.ts";
import { imageTensor } from "../../lib/training/batches.ts";
import { readCheckpoint, writeCheckpoint } from "../../lib/training/checkpoint.ts";
import type { StepRecord } from "../../lib/training/loop.ts";
import { valueAndGradients } from "../../lib/training/optimiser.ts";
import {
  pretrain,
  pretrainingLoss,
  pretrainingSteps,
  type PretrainOptions,
} from "../../lib/training/pretrain.ts";
import type { Safetensors } from "../../lib/training/safetensors.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu, PLAIN_VIEWS, TINY, tinyNetwork, tinySlices, withoutLeak } from "./tiny.ts";

const slices = tinySlices(5);

/** The losses to try, by what distinguishes them. */
const LOSSES: Record<string, (fieldOfView: FieldOfView) => Config["loss"]> = {
  "info-nce": (fieldOfView) => ({ name: "info-nce", temperature: 0.1, pixels: 64, fieldOfView }),
  "barlow-twins of a sample": (fieldOfView) => ({
    name: "barlow-twins",
    lambda: 0.02,
    pixels: 64,
    fieldOfView,
  }),
  "barlow-twins of all pixels": (fieldOfView) => ({
    name: "barlow-twins",
    lambda: 0.02,
    pixels: "all",
    fieldOfView,
  }),
};

/** Pretrains and collects the losses. */
async function losses(config: Config, options: PretrainOptions): Promise<number[]> {
  const records: StepRecord[] = [];
  await pretrain(slices, config, { ...options, onSteps: (group) => void records.push(...group) });
  return records.map(({ loss }) => loss);
}

Deno.test("pretrainingSteps() covers the epochs", () => {
  const settings = { ...TINY.pretraining, epochs: 3, batch: 4 };
  assert.deepEqual([4, 5, 1].map((count) => pretrainingSteps(count, settings)), [3, 4, 1]);
});

testOnBackends(
  "pretrain() in two parts, through a file, equals one run bit for bit",
  () =>
    withFolder(async (dir) => {
      const path = `${dir}/model.safetensors`;
      const whole = await pretrain(slices, TINY, { steps: 6 });
      await writeCheckpoint(path, await pretrain(slices, TINY, { steps: 3 }));
      const resume = await readCheckpoint(path);
      assert.deepEqual(await pretrain(slices, TINY, { steps: 6, resume }), whole);
    }),
);

Deno.test(
  "pretrain() interrupted and resumed equals one run bit for bit, whatever the schedule",
  onCpu(withoutLeak(async () => {
    const config: Config = {
      ...TINY,
      loss: LOSSES["barlow-twins of all pixels"]("mask"),
      pretraining: {
        ...TINY.pretraining,
        schedule: "cosine",
        optimiser: "adamw",
        weightDecay: 0.1,
      },
    };
    const controller = new AbortController();
    let saved: Safetensors | undefined;
    const interrupted = pretrain(slices, config, {
      steps: 13,
      signal: controller.signal,
      onSteps: () => controller.abort(new Error("stopped")),
      save: (checkpoint) => Promise.resolve(void (saved = checkpoint)),
    });
    await assert.rejects(interrupted, { message: "stopped" });
    assert.equal(saved?.metadata.step, "10");
    assert.deepEqual(
      await pretrain(slices, config, { steps: 13, resume: saved }),
      await pretrain(slices, config, { steps: 13 }),
    );
  })),
);

Deno.test(
  "pretrain() depends on the seed alone",
  onCpu(async () => {
    const run = (seed: number) => pretrain(slices, { ...TINY, seed }, { steps: 2 });
    const [one, same, other] = [await run(1), await run(1), await run(2)];
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
  }),
);

Deno.test(
  "pretrain() draws new views in every step",
  onCpu(async () => {
    // One slice and weights that stand still: only the views make the loss change.
    const config = { ...TINY, pretraining: { ...TINY.pretraining, batch: 1, learningRate: 1e-30 } };
    const records: StepRecord[] = [];
    const onSteps = (group: StepRecord[]) => void records.push(...group);
    await pretrain(tinySlices(1), config, { steps: 5, onSteps });
    assert.equal(new Set(records.map(({ loss }) => loss)).size, 5);
  }),
);

Deno.test(
  "pretrain() runs the configured epochs and saves its last state",
  onCpu(async () => {
    const config = { ...TINY, pretraining: { ...TINY.pretraining, epochs: 2 } };
    const saved: Safetensors[] = [];
    const result = await pretrain(slices, config, {
      save: (checkpoint) => Promise.resolve(void saved.push(checkpoint)),
    });
    assert.deepEqual(saved, [result]);
    assert.equal(result.metadata.step, "5");
  }),
);

for (const [name, loss] of Object.entries(LOSSES)) {
  Deno.test(
    `pretrain() with ${name} learns`,
    onCpu(async () => {
      const config = {
        ...TINY,
        views: SUPERVISED_VIEWS,
        loss: loss("mask"),
        pretraining: { ...TINY.pretraining, learningRate: 1e-2, batch: 4 },
      };
      const found = await losses(config, { steps: 40 });
      const mean = (part: number[]) => part.reduce((sum, value) => sum + value) / part.length;
      const [first, last] = [mean(found.slice(0, 5)), mean(found.slice(-5))];
      assert.ok(last < 0.75 * first, `from ${first} to ${last}`);
    }),
  );

  testOnBackends(`pretrainingLoss() with ${name} reaches every trainable weight`, async () => {
    for (const fieldOfView of ["mask", "zero-pad"] as const) {
      const config = { ...TINY, loss: loss(fieldOfView) };
      const network = tinyNetwork();
      const { value, gradients } = valueAndGradients(
        network.weights,
        () => pretrainingLoss(network, imageTensor(slices), { config, random: random(1) }),
      );
      assert.ok(Number.isFinite((await value.data())[0]));
      assert.deepEqual(Object.keys(gradients), Object.keys(trainable(network.weights)));
      for (const gradient of Object.values(gradients)) {
        const values = await gradient.data();
        assert.ok(values.every(Number.isFinite));
      }
      assert.ok((await gradients["backbone.down.0.0.weight"].data()).some((dw) => dw !== 0));
    }
  });

  Deno.test(
    `pretrainingLoss() with ${name} masks what lies outside the field of view`,
    onCpu(async () => {
      const x = imageTensor(slices);
      const { inside } = drawViews(x, TINY.views, random(7));
      assert.ok(inside.includes(0));
      const outside = tf.tensor4d(inside.map((visible) => 1 - visible), [5, 16, 16, 1]);
      /** The loss where the second view's features outside are changed by some amount. */
      const lossOf = async (amount: number, fieldOfView: FieldOfView) => {
        const features = pointwise(3);
        let views = 0;
        const network: Network = {
          weights: {},
          forward: (x) =>
            ++views === 1 ? features(x) : tf.add(features(x), tf.mul(outside, amount)),
        };
        const config = { ...TINY, loss: loss(fieldOfView) };
        return (await pretrainingLoss(network, x, { config, random: random(7) }).data())[0];
      };
      assertClose(await lossOf(9, "mask"), await lossOf(0, "mask"), 1e-5);
      assert.notEqual(await lossOf(9, "zero-pad"), await lossOf(0, "zero-pad"));
    }),
  );
}

testOnBackends("pretrain() with patches and elastic views trains with every loss", async () => {
  const { views, pretraining: { patches } } = PRESETS["pix2rep-v2"];
  for (const [name, loss] of Object.entries(LOSSES)) {
    const config = { ...TINY, views, loss: loss("mask") };
    const pretraining = { ...TINY.pretraining, patches };
    const run = () => losses({ ...config, pretraining }, { steps: 1 });
    const found = await run();
    assert.ok(found.every((value) => Number.isFinite(value) && value > 0), name);
    assert.deepEqual(await run(), found);
    assert.notDeepEqual(await losses(config, { steps: 1 }), found);
  }
});

testOnBackends("pretrainingLoss() warps the first view's features onto the second", async () => {
  const loss: Config["loss"] = {
    name: "barlow-twins",
    lambda: 1,
    pixels: "all",
    fieldOfView: "mask",
  };
  const views = { ...TINY.views, intensity: PLAIN_VIEWS.intensity };
  const network = { weights: {}, forward: pointwise(1) };
  const options = { config: { ...TINY, views, loss }, random: random(3) };
  // One linear feature of one pixel follows the transform exactly: correlation 1.
  assertClose(await pretrainingLoss(network, imageTensor(slices), options).data(), [0], 1e-6, 1);
});

Deno.test(
  "pretrain() ends clearly where the loss is not finite, with the last checkpoint kept",
  onCpu(withoutLeak(async () => {
    const saved: Safetensors[] = [];
    const save = (checkpoint: Safetensors) => Promise.resolve(void saved.push(checkpoint));
    const first = await pretrain(slices, TINY, { steps: 3, save });
    const wild = { ...TINY, pretraining: { ...TINY.pretraining, learningRate: 1e30 } };
    await assert.rejects(pretrain(slices, wild, { steps: 20, resume: first, save }), {
      message: /^the loss became \S+ at step \d+ \(learning rate 1e\+30\): try a lower/,
    });
    assert.deepEqual(saved, [first]);
    const broken = { ...slices, images: slices.images.with(0, NaN) };
    await assert.rejects(pretrain(broken, TINY, { steps: 9 }), /^Error: the loss became NaN at/);
  })),
);

/** A network that multiplies each pixel by one number per feature. */
function pointwise(features: number): (x: tf.Tensor4D) => tf.Tensor4D {
  const factors = Array.from({ length: features }, (_, i) => i % 2 ? -i : 1 + i);
  return (x) => tf.mul(x, tf.tensor4d(factors, [1, 1, 1, features]));
}
