/** Slices of several channels, from scans to a model that segments. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { BACKBONES } from "../../lib/config/backbone.ts";
import type { Config } from "../../lib/config/config.ts";
import { SUPERVISED_VIEWS } from "../../lib/config/presets.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { type SliceStack, stackSlices, takeChannel } from "../../lib/data/slices/slices.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import { adapt } from "../../lib/training/adapt.ts";
import { STRATEGIES, STRATEGY_NAMES } from "../../lib/training/strategies/table.ts";
import { imageTensor } from "../../lib/training/batches.ts";
import { forecastPretraining } from "../../lib/training/forecast.ts";
import { disposeTraining } from "../../lib/training/optimiser.ts";
import { pretrain, pretrainingStep, startPretraining } from "../../lib/training/pretrain.ts";
import { pretrainedBackbone } from "../../lib/training/weights/pretrained_backbone.ts";
import type { QualityRecord } from "../../lib/training/quality.ts";
import type { Safetensors } from "../../lib/training/weights/safetensors.ts";
import { segmentationModel } from "../../lib/training/weights/segmentation_model.ts";
import type { WeightMatch } from "../../lib/training/weights/weight_tensors.ts";
import { inputChannels, repetitionWarning } from "../../lib/training/weights/weight_tensors.ts";
import { testOnBackends } from "../support/backends.ts";
import { STRUCTURES, twoChannelPatient } from "../support/two_channels.ts";
import { IMAGE_LOSSES, onCpu, PIXEL_LOSSES, PLAIN_VIEWS, TINY, withoutLeak } from "./tiny.ts";
import { WORDINGS } from "../support/wordings.ts";

const config: Config = {
  ...TINY,
  grid: { size: 24, spacing: 2, axis: "auto" },
  backbone: { name: "unet", widths: [8, 16], features: 16 },
  views: SUPERVISED_VIEWS,
  pretraining: { ...TINY.pretraining, learningRate: 1e-2, batch: 4 },
  adaptation: {
    ...TINY.adaptation,
    iterations: 80,
    probe: { ...TINY.adaptation.probe, iterations: 80 },
    views: PLAIN_VIEWS,
  },
};
const classes = STRUCTURES.length + 1;
const patients = [0, 1, 2].map(twoChannelPatient);
const test = twoChannelPatient(9);

/** The slices of the patients, of both channels or of some. */
function slicesOf(channels: readonly number[] = [0, 1]): SliceStack {
  return stackSlices(
    patients.map(({ channels: all, mask }) =>
      prepareVolume(channels.map((i) => all[i]), config.grid, { mask })
    ),
  );
}

const slices = slicesOf();
const { labels: _, ...unlabelled } = slices;

/** Dice of each structure in the scan of a patient who was not trained on. */
async function diceOf(checkpoint: Safetensors, scan: readonly Volume[]): Promise<number[]> {
  const model = segmentationModel(checkpoint, { config, classes });
  const found = await segmentScan(model, scan, { config });
  disposeWeights(model.weights);
  const reference = test.mask.voxels;
  return STRUCTURES.map(({ label }) => {
    const both = found.filter((value, i) => value === label && reference[i] === label).length;
    return 2 * both / [...found, ...reference].filter((value) => value === label).length;
  });
}

Deno.test(
  "adapt() tells by two channels what neither tells alone",
  onCpu(withoutLeak(async () => {
    const learnt = async (channels: readonly number[]) => {
      const checkpoint = await adapt(slicesOf(channels), config, { strategy: "scratch", classes });
      return await diceOf(checkpoint, channels.map((i) => test.channels[i]));
    };
    const both = await learnt([0, 1]);
    assert.ok(both.every((dice) => dice > 0.9), `both: ${both}`);
    for (const channel of [0, 1]) {
      const one = await learnt([channel]);
      assert.ok(Math.min(...one) < 0.75, `channel ${channel}: ${one}`);
    }
  })),
);

let backbone: Promise<Safetensors> | undefined;

/** A pretraining on both channels: one for all strategies. */
function pretrainedOnce(): Promise<Safetensors> {
  return backbone ??= pretrain(unlabelled, config, { steps: 20 });
}

for (const strategy of STRATEGY_NAMES) {
  Deno.test(
    `adapt() by ${strategy} takes two channels, and its checkpoint opens for two`,
    onCpu(withoutLeak(async () => {
      const pretrained = STRATEGIES[strategy].pretraining === "none"
        ? undefined
        : await pretrainedOnce();
      const checkpoint = await adapt(slices, config, {
        ...{ strategy, classes, pretrained, unlabelled },
      });
      assert.equal(inputChannels(checkpoint.tensors, config.backbone), 2);
      const dice = await diceOf(checkpoint, test.channels);
      assert.ok(dice.every((value) => value > 0.7), `${dice}`);
    })),
  );
}

const losses = [...Object.values(PIXEL_LOSSES).map((lossOf) => lossOf("mask")), ...IMAGE_LOSSES];

/** Every loss, and every backbone. */
const pairs = [
  ...losses.map((loss) => ({ loss, name: BACKBONES[0] })),
  ...BACKBONES.slice(1).map((name) => ({ loss: losses[0], name })),
];

testOnBackends("pretrainingStep() moves the filters of every channel, by every loss", async () => {
  for (const { loss, name } of pairs) {
    const own = { ...config, loss, backbone: { ...config.backbone, name } };
    const started = startPretraining(own, 2);
    const { weights } = started.state;
    const [stem] = Object.entries(weights).find(([, { rank }]) => rank === 4)!;
    const before = tf.clone(weights[stem]);
    pretrainingStep(started, unlabelled, { config: own, step: 1, steps: 1 }).loss.dispose();
    const moved = tf.tidy(() => tf.sum(tf.abs(tf.sub(weights[stem], before)), [0, 1, 3]));
    const sums = [...await moved.data()];
    assert.equal(sums.length, 2);
    assert.ok(sums.every((sum) => sum > 0), `${name} by ${loss.name}: ${sums}`);
    tf.dispose([before, moved]);
    disposeTraining(started.state);
  }
});

Deno.test(
  "pretrain() of two channels measures its features, and its backbone opens for two",
  onCpu(withoutLeak(async () => {
    const watched = { ...config, pretraining: { ...config.pretraining, qualityEvery: 2 } };
    const records: QualityRecord[] = [];
    const checkpoint = await pretrain(unlabelled, watched, {
      steps: 2,
      probe: { slices, classes },
      onQuality: (record) => void records.push(record),
    });
    assert.ok(records[0].effective_rank > 1 && records[0].probe_dice! > 0.2, `${records}`);
    const backbone = pretrainedBackbone(checkpoint, { config });
    const x = imageTensor(unlabelled);
    const y = backbone.forward(x, { training: false });
    assert.deepEqual(y.shape, [slices.count, 24, 24, 16]);
    const grey: tf.Tensor4D = tf.zeros([1, 24, 24, 1]);
    assert.throws(() => backbone.forward(grey, { training: false }), {
      name: "RangeError",
      message: new RegExp(`^unet: ${WORDINGS.otherChannels}`),
    });
    tf.dispose([x, y, grey, ...Object.values(backbone.weights)]);
  })),
);

Deno.test(
  "forecastPretraining() foretells the memory of slices with channels to 5 %",
  onCpu(async () => {
    const larger = { ...config, pretraining: { ...config.pretraining, batch: 16 } };
    const { bytes } = await forecastPretraining(unlabelled, larger);
    const started = startPretraining(larger, 2);
    const { peakBytes } = await tf.profile(async () => {
      const { loss } = pretrainingStep(started, unlabelled, { config: larger, step: 1, steps: 1 });
      await loss.data();
      loss.dispose();
      return [];
    });
    disposeTraining(started.state);
    assert.ok(Math.abs(bytes / peakBytes - 1) < 0.05, `${bytes}, took ${peakBytes}`);
  }),
);

Deno.test(
  "adapt() repeats what was pretrained on one channel, and tells; the reverse is refused",
  onCpu(withoutLeak(async () => {
    const one = await pretrain(takeChannel(unlabelled), config, { steps: 2 });
    const matches: WeightMatch[] = [];
    const options = { strategy: "finetune", classes, onMatch: matches.push.bind(matches) } as const;
    const short = { ...config, adaptation: { ...config.adaptation, iterations: 1 } };
    await adapt(slices, short, { ...options, pretrained: one });
    await adapt(takeChannel(slices, 1), short, { ...options, pretrained: one });
    assert.deepEqual(matches.map(repetitionWarning), [
      "the pretraining saw one channel; its first filters are repeated over 2",
      undefined,
    ]);
    const two = await pretrain(unlabelled, config, { steps: 1 });
    await assert.rejects(adapt(takeChannel(slices), short, { ...options, pretrained: two }), {
      name: "TypeError",
      message:
        /^pretraining: expected weights for slices of 1 channel, found some for 2; pretrain on the /,
    });
  })),
);
