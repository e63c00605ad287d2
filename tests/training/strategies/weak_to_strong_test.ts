import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { spatialView } from "../../../lib/augmentations/views.ts";
import { disposeWeights } from "../../../lib/backbones/weights.ts";
import type { Config, WeakToStrongSettings } from "../../../lib/config/config.ts";
import { SUPERVISED_VIEWS } from "../../../lib/config/presets.ts";
import { diceCrossEntropy } from "../../../lib/losses/segmentation.ts";
import { random } from "../../../lib/math/random.ts";
import { adapt, type AdaptOptions } from "../../../lib/training/adapt.ts";
import { drawBatch, imageTensor } from "../../../lib/training/batches.ts";
import type { StepRecord } from "../../../lib/training/loop.ts";
import { pretrain } from "../../../lib/training/pretrain.ts";
import { strongView, sureLabels } from "../../../lib/training/strategies/weak_to_strong.ts";
import type { HostTensor } from "../../../lib/training/weights/safetensors.ts";
import { segmentationNetwork } from "../../../lib/training/weights/segmentation_model.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { onCpu, TINY, tinySlices, unlabelled } from "../tiny.ts";

const slices = tinySlices(4);
const classes = 3;
const pool = unlabelled(tinySlices(7));

/** Intensities as they are. */
const { intensity } = SUPERVISED_VIEWS;
const PLAIN = {
  noise: { ...intensity.noise, probability: 0 },
  blur: { ...intensity.blur, probability: 0 },
  gamma: { ...intensity.gamma, probability: 0 },
  biasField: { ...intensity.biasField, probability: 0 },
  inversion: { probability: 0 },
  rescale: { probability: 0 },
};

/** A few steps, the probe's included. */
function settings(iterations: number, weakToStrong: Partial<WeakToStrongSettings> = {}): Config {
  const { adaptation } = TINY;
  return {
    ...TINY,
    adaptation: {
      ...adaptation,
      iterations,
      probe: { ...adaptation.probe, iterations: 3 },
      finetune: { ...adaptation.finetune, backboneLearningRate: 5e-3 },
      schedule: "constant",
      weakToStrong: { ...adaptation.weakToStrong, ...weakToStrong },
    },
  };
}

/** The student of an adapted model, and what the steps reported. */
async function run(config: Config, options: Partial<AdaptOptions> = {}) {
  const losses: number[] = [];
  const onSteps = (records: StepRecord[]) => void losses.push(...records.map(({ loss }) => loss));
  const given = { strategy: "weak-to-strong", classes, unlabelled: pool, onSteps } as const;
  const { tensors } = await adapt(slices, config, { ...given, ...options });
  const student = Object.fromEntries(
    Object.entries(tensors).filter(([name]) => !name.startsWith("teacher.")),
  );
  return { student, losses };
}

testOnBackends("sureLabels() labels pixels whose class is probable enough", async () => {
  // Probabilities 0.2 and 0.8, 0.6 and 0.4, and two times one half.
  const logits = tf.tensor4d([0, Math.log(4), Math.log(1.5), 0, 1, 1], [1, 1, 3, 2]);
  const { labels, known } = sureLabels(logits, 0.55);
  assert.deepEqual([...await labels.data()], [0, 1, 1, 0, 0, 0]);
  assert.deepEqual([...await known.data()], [1, 1, 0]);
  assert.deepEqual([...await sureLabels(logits, 0.7).known.data()], [1, 0, 0]);
  // Whoever is believed at all is believed everywhere.
  assert.deepEqual([...await sureLabels(logits, 0).known.data()], [1, 1, 1]);
});

Deno.test(
  "adapt() by weak-to-strong of weight 0 is fine-tuning from a probe, or training from scratch",
  onCpu(async () => {
    const config = settings(6, { weight: 0 });
    const pretrained = await pretrain(slices, config, { steps: 3 });
    const trained = (tensors: Record<string, HostTensor>) =>
      Object.entries(tensors).filter(([name]) => !name.includes("running_"));
    const { student: probed } = await run(config, { strategy: "probe-finetune", pretrained });
    const { student: scratch } = await run(config, { strategy: "scratch" });
    // What batch norm keeps running is of unlabelled slices too.
    assert.deepEqual(trained((await run(config, { pretrained })).student), trained(probed));
    assert.deepEqual(trained((await run(config)).student), trained(scratch));
    assert.notDeepEqual(trained(probed), trained(scratch));
  }),
);

Deno.test(
  "adapt() by weak-to-strong learns nothing from a teacher that is never sure",
  onCpu(async () => {
    const losses = async (config: Config) => (await run(config)).losses;
    const silent = await losses(settings(4, { weight: 0 }));
    assert.deepEqual(await losses(settings(4, { weight: 1, threshold: 1 })), silent);
    assert.notDeepEqual(await losses(settings(4, { weight: 1, threshold: 0 })), silent);
  }),
);

Deno.test(
  "adapt() by weak-to-strong adds the weighted loss against the teacher's own labels",
  onCpu(async () => {
    const config = settings(1, {
      ...{ weight: 0.5, threshold: 0.4, cutMix: 0, intensity: PLAIN, batch: pool.count },
    });
    const [silent, found] = await Promise.all(
      [{ weight: 0 }, {}].map((change) => {
        const { adaptation } = config;
        const weakToStrong = { ...adaptation.weakToStrong, ...change };
        return run({ ...config, adaptation: { ...adaptation, weakToStrong } });
      }),
    );
    // Before the first step, teacher and student are one.
    const network = segmentationNetwork(config, classes);
    const batch = imageTensor(drawBatch(pool, 1, { batch: pool.count, seed: config.seed }));
    const source = random(config.seed, "strong", 1);
    const view = spatialView(batch, config.adaptation.views.spatial, source);
    const probabilities = await tf.softmax(network.forward(view, { training: false })).array();
    const sure = (probabilities as number[][][][]).map((slice) =>
      slice.map((row) => row.map((p) => Math.max(...p) >= 0.4 ? [1] : [0]))
    );
    assert.deepEqual(new Set(sure.flat(3)), new Set([0, 1]), "some are sure, some are not");
    const labels = (probabilities as number[][][][]).map((slice, i) =>
      slice.map((row, y) =>
        row.map((p, x) => p.map((q) => q === Math.max(...p) ? sure[i][y][x][0] : 0))
      )
    );
    const logits = network.forward(view, { training: true });
    const loss = diceCrossEntropy(logits, tf.tensor4d(labels), tf.tensor4d(sure));
    assertClose(found.losses[0] - silent.losses[0], 0.5 * loss.dataSync()[0], 1e-4);
    disposeWeights(network.weights);
  }),
);

/** A teacher that calls bright pixels a structure, and is sure of all but the grey ones. */
const byBrightness = {
  forward: (x: tf.Tensor4D) =>
    tf.tidy((): tf.Tensor4D =>
      tf.concat([tf.sub(0.5, x), tf.sub(x, 0.5)].map((t) => tf.mul(t, 10)), 3)
    ),
};

/** What that teacher would say of the images themselves. */
async function saidOf(images: tf.Tensor4D) {
  return await sureLabels(byBrightness.forward(images), 0.9).labels.data();
}

testOnBackends("strongView() keeps the labels of the weak view", async () => {
  const images = imageTensor(pool);
  const given = (change: Partial<WeakToStrongSettings>) => ({
    adaptation: settings(1, { cutMix: 0, threshold: 0.9, ...change }).adaptation,
    source: random("view"),
  });
  const plain = strongView(images, byBrightness, given({ intensity: PLAIN }));
  const inverted = strongView(
    images,
    byBrightness,
    given({ intensity: { ...PLAIN, inversion: { probability: 1 } } }),
  );
  assert.ok([...await plain.labels.data()].includes(1));
  assert.deepEqual(await plain.labels.data(), await saidOf(plain.images));
  assertClose(await inverted.images.data(), await tf.sub(1, plain.images).data(), 1e-6);
  assert.deepEqual(await inverted.labels.data(), await plain.labels.data());
});

testOnBackends("strongView() pastes images, labels and what is known alike", async () => {
  const { adaptation } = settings(1, { cutMix: 1, threshold: 0.9, intensity: PLAIN });
  const images = imageTensor(pool);
  const mixed = strongView(images, byBrightness, { adaptation, source: random("view") });
  const { labels, known } = sureLabels(byBrightness.forward(mixed.images), 0.9);
  assert.deepEqual(await mixed.labels.data(), await labels.data());
  assert.deepEqual([...await mixed.known.data()], [...await known.data()]);
  const plain = settings(1, { cutMix: 0, threshold: 0.9, intensity: PLAIN });
  const alone = strongView(images, byBrightness, { ...plain, source: random("view") });
  assert.notDeepEqual(await mixed.images.data(), await alone.images.data());
});

Deno.test(
  "adapt() by weak-to-strong trains on labelled slices alone during the warm-up",
  onCpu(async () => {
    const config = (change: Partial<WeakToStrongSettings>) => settings(4, change);
    const pretrained = await pretrain(slices, settings(4), { steps: 1 });
    for (const given of [{}, { pretrained }]) {
      const silent = await run(config({ weight: 0 }), given);
      const late = await run(config({ threshold: 0, warmup: 0.5 }), given);
      // The probe's three steps come first, where there is one.
      const quiet = silent.losses.length - 2;
      assert.deepEqual(late.losses.slice(0, quiet), silent.losses.slice(0, quiet));
      assert.notEqual(late.losses[quiet], silent.losses[quiet]);
    }
  }),
);

Deno.test(
  "adapt() by weak-to-strong depends on the seed alone",
  onCpu(async () => {
    const config = settings(3);
    assert.deepEqual(await run(config), await run(config));
    assert.notDeepEqual(await run(config), await run({ ...config, seed: 1 }));
  }),
);

Deno.test(
  "adapt() by weak-to-strong asks for unlabelled slices",
  onCpu(async () => {
    await assert.rejects(run(settings(1), { unlabelled: undefined }), {
      name: "TypeError",
      message:
        "weak-to-strong: expected unlabelled slices, found none: give those of the training " +
        "patients",
    });
  }),
);
