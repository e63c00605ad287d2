import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import { IGNORED } from "../../lib/data/masks/labels.ts";
import { adapt, type AdaptOptions } from "../../lib/training/adapt.ts";
import { imageTensor } from "../../lib/training/batches.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import type { Safetensors } from "../../lib/training/weights/safetensors.ts";
import { segmentationModel } from "../../lib/training/weights/segmentation_model.ts";
import { STRATEGIES, STRATEGY_NAMES } from "../../lib/training/strategies/table.ts";
import {
  validationInspection,
  validationInterval,
  type ValidationRecord,
} from "../../lib/training/validation.ts";
import { onCpu, TINY, tinySlices, unlabelled, withoutLeak } from "./tiny.ts";

const STEPS = 14;
const EVERY = 4;
const all = tinySlices(9);
const part = (first: number, count: number) => ({
  ...{ count, size: all.size, channels: 1 },
  images: all.images.slice(first * 256, (first + count) * 256),
  labels: all.labels.slice(first * 256, (first + count) * 256),
});
const [slices, others] = [part(0, 4), part(4, 5)];
const config: Config = {
  ...TINY,
  adaptation: {
    ...TINY.adaptation,
    iterations: STEPS,
    probe: { ...TINY.adaptation.probe, iterations: STEPS },
  },
};

/** Dice of a finished model on slices, as sets of pixels, the mean over the two structures. */
async function diceOf(checkpoint: Safetensors): Promise<number> {
  const model = segmentationModel(checkpoint, { config, classes: 3 });
  const logits = model.forward(imageTensor(others), { training: false });
  const found = await (await tf.argMax(logits, 3)).data();
  disposeWeights(model.weights);
  const dice = [1, 2].map((label) => {
    const [a, b] = [found, others.labels].map((map) =>
      new Set([...map.keys()].filter((i) => map[i] === label))
    );
    return 2 * a.intersection(b).size / (a.size + b.size);
  });
  return (dice[0] + dice[1]) / 2;
}

for (const strategy of STRATEGY_NAMES.filter((name) => STRATEGIES[name].trains !== "nothing")) {
  Deno.test(
    `adapt() by ${strategy} is watched on others without a change, also when it goes on`,
    onCpu(async () => {
      const pretrained = STRATEGIES[strategy].pretraining === "none"
        ? undefined
        : await pretrain(slices, config, { steps: 2 });
      const given = { strategy, classes: 3, unlabelled: unlabelled(slices) };
      const alone = await adapt(slices, config, { ...given, pretrained });
      const run = async (options: Partial<AdaptOptions>, every = EVERY) => {
        const records: ValidationRecord[] = [];
        const onValidation = (record: ValidationRecord) => void records.push(record);
        const validation = { slices: others, every, onValidation };
        const adapted = adapt(slices, config, { ...given, validation, ...options });
        return { records, adapted: await adapted.catch((error) => error) };
      };

      const watched = await run({ pretrained });
      assert.deepEqual(watched.adapted, alone);
      const all = STRATEGIES[strategy].steps(config.adaptation, {
        pretrained: pretrained !== undefined,
      });
      assert.deepEqual(
        watched.records.map(({ step }) => step),
        Array.from({ length: Math.floor(all / EVERY) }, (_, i) => (i + 1) * EVERY),
      );
      // The last one is of the model that is handed over.
      const { records: [last] } = await run({ pretrained }, all);
      assert.deepEqual(last.step, all);
      assert.ok(Math.abs(last.dice - await diceOf(alone)) < 1e-3, `${last.dice}`);

      const interruption = new AbortController();
      let resume: Safetensors | undefined;
      const cut = await run({
        ...{ pretrained, signal: interruption.signal },
        onSteps: (steps) => {
          if (steps.at(-1)!.step >= 8) interruption.abort();
        },
        save: (checkpoint) => Promise.resolve(void (resume = checkpoint)),
      });
      assert.equal(cut.adapted.name, "AbortError");
      const rest = await run({ resume });
      assert.deepEqual(rest.adapted, alone);
      assert.deepEqual([...cut.records, ...rest.records], watched.records);
    }),
  );
}

/** What is measured of a model that says `found` of slices of four pixels. */
async function measured(
  found: readonly number[],
  labels: readonly number[],
  classes = 4,
): Promise<number> {
  const count = labels.length / 4;
  const slices = { count, size: 2, channels: 1, images: new Float32Array(labels.length) };
  const segment = () => tf.oneHot(tf.tensor3d([...found], [count, 2, 2], "int32"), classes);
  const dice: number[] = [];
  const { look } = validationInspection(segment as () => tf.Tensor4D, {
    slices: { ...slices, labels: Uint8Array.from(labels) },
    ...{ every: 1, classes, onValidation: (record) => void dice.push(record.dice) },
  });
  await look(1);
  return dice[0];
}

Deno.test(
  "validationInspection() counts neither what nobody labelled nor structures that are nowhere",
  onCpu(withoutLeak(async () => {
    assert.equal(await measured([1, 1, 2, 0], [1, 0, 2, 2]), (2 / 3 + 2 / 3) / 2);
    assert.equal(await measured([1, 1, 2, 0], [1, IGNORED, 2, IGNORED]), 1);
    assert.equal(await measured([0, 3, 0, 0], [0, 1, 0, 0]), 0);
    assert.equal(await measured([0, 0, 0, 0], [0, 0, 0, 0]), 1);
  })),
);

Deno.test(
  "validationInspection() shows the model at most 16 slices, with structures, from first to last",
  onCpu(async () => {
    const shown: number[] = [];
    const count = 50;
    const images = Float32Array.from({ length: count * 4 }, (_, i) => Math.floor(i / 4));
    const labels = Uint8Array.from(images, (slice) => slice % 2);
    const segment = (x: tf.Tensor4D) => {
      shown.push(...x.dataSync().filter((_, i) => i % 4 === 0));
      return tf.concat([x, x], 3) as tf.Tensor4D;
    };
    const slices = { count, size: 2, channels: 1, images, labels };
    const { look } = validationInspection(segment, {
      ...{ slices, every: 1, classes: 2, onValidation: () => {} },
    });
    await look(1);
    assert.equal(shown.length, 16);
    assert.ok(shown.every((slice) => slice % 2 === 1));
    assert.deepEqual([shown[0], shown.at(-1)! > 40], [1, true]);
  }),
);

Deno.test("validationInterval() takes about ten measurements, the last at the end of round runs", () => {
  assert.deepEqual([3, 25, 200, 1000].map(validationInterval), [1, 3, 20, 100]);
});
