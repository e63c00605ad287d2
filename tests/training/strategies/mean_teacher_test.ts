import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights } from "../../../lib/backbones/weights.ts";
import type { Config, MeanTeacherSettings } from "../../../lib/config/config.ts";
import type { SliceStack } from "../../../lib/data/slices/slices.ts";
import { random } from "../../../lib/math/random.ts";
import { drawBatch, imageTensor } from "../../../lib/training/batches.ts";
import { adapt, type AdaptOptions } from "../../../lib/training/adapt.ts";
import {
  exportWeights,
  importWeights,
  withPrefix,
} from "../../../lib/training/weights/weight_tensors.ts";
import type { StepRecord } from "../../../lib/training/loop.ts";
import { moveAverage, teacherShare } from "../../../lib/training/strategies/teacher.ts";
import { pretrain } from "../../../lib/training/pretrain.ts";
import type { HostTensor } from "../../../lib/training/weights/safetensors.ts";
import { segmentationNetwork } from "../../../lib/training/weights/segmentation_model.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { onCpu, TINY, tinySlices, unlabelled } from "../tiny.ts";

const slices = tinySlices(4);
const classes = 3;
const pool = unlabelled(tinySlices(7));

/** Some steps at a constant rate: longer runs begin as shorter ones. */
function settings(iterations: number, meanTeacher: Partial<MeanTeacherSettings> = {}): Config {
  return {
    ...TINY,
    adaptation: {
      ...TINY.adaptation,
      iterations,
      schedule: "constant",
      meanTeacher: { ...TINY.adaptation.meanTeacher, ...meanTeacher },
    },
  };
}

/** The tensors of an adapted model, and what its steps reported. */
async function run(config: Config, options: Partial<AdaptOptions>) {
  const losses: number[] = [];
  const onSteps = (records: StepRecord[]) => void losses.push(...records.map(({ loss }) => loss));
  const given = { strategy: "mean-teacher", classes, unlabelled: pool, onSteps } as const;
  const { tensors } = await adapt(slices, config, { ...given, ...options });
  const student = Object.fromEntries(
    Object.entries(tensors).filter(([name]) => !name.startsWith("teacher.")),
  );
  return { student, teacher: withPrefix("teacher.", tensors), losses };
}

Deno.test("teacherShare() makes the mean of all students at first, a running mean later", () => {
  let teacher = 0;
  const students = [3, -1, 4, 1, -5];
  students.forEach((student, i) => {
    const share = teacherShare(i + 1, 0.99);
    teacher = share * teacher + (1 - share) * student;
  });
  // The network before the first step, 0 here, is one of them.
  assertClose(teacher, students.reduce((a, b) => a + b) / (students.length + 1), 1e-12);
  assert.equal(teacherShare(98, 0.99), 98 / 99);
  assert.equal(teacherShare(99, 0.99), 0.99);
  assert.equal(teacherShare(1000, 0.99), 0.99);
  assert.equal(teacherShare(3, 0), 0);
});

testOnBackends(
  "moveAverage() moves every weight, statistics too, and keeps no tensor",
  async () => {
    const weights = (value: number) => ({
      weight: tf.variable(tf.tensor2d([[value, 1]])),
      running_mean: tf.variable(tf.tensor1d([2 * value]), false),
    });
    const [average, current] = [weights(1), weights(5)];
    const before = tf.memory().numTensors;
    moveAverage(average, current, 0.75);
    assert.equal(tf.memory().numTensors, before);
    assertClose(await average.weight.data(), [2, 1], 1e-6);
    assertClose(await average.running_mean.data(), [4], 1e-6);
    assertClose(await current.weight.data(), [5, 1], 1e-6);
    for (const each of [average, current]) disposeWeights(each);
  },
);

Deno.test(
  "adapt() by mean-teacher of weight 0 is fine-tuning, or training from scratch, bit for bit",
  onCpu(async () => {
    const config = settings(12, { weight: 0 });
    const pretrained = await pretrain(slices, config, { steps: 3 });
    const finetuned = await run(config, { strategy: "finetune", pretrained });
    const scratch = await run(config, { strategy: "scratch" });
    const [taught, taughtFromScratch] = [await run(config, { pretrained }), await run(config, {})];
    assert.deepEqual(taught.student, finetuned.student);
    assert.deepEqual(taughtFromScratch.student, scratch.student);
    assert.notDeepEqual(finetuned.student, scratch.student);
  }),
);

Deno.test(
  "adapt() by mean-teacher has a teacher that is the mean of its students, statistics too",
  onCpu(async () => {
    const start = segmentationNetwork(TINY, classes);
    const students = [await exportWeights(start.weights)];
    disposeWeights(start.weights);
    for (const iterations of [1, 2, 3]) {
      students.push((await run(settings(iterations, { weight: 0 }), {})).student);
    }
    const { teacher } = await run(settings(3, { weight: 0 }), {});
    assert.deepEqual(Object.keys(teacher), Object.keys(students[0]));
    for (const [name, { values }] of Object.entries(teacher)) {
      const mean = values.map((_, i) =>
        students.reduce((sum, student) => sum + student[name].values[i], 0) / students.length
      );
      assertClose(values, mean, 1e-5);
      assert.notDeepEqual(values, students[3][name].values);
    }
  }),
);

Deno.test(
  "adapt() by mean-teacher adds the weighted consistency with the noisy teacher after the warm-up",
  onCpu(async () => {
    const silent = await run(settings(6, { weight: 0 }), {});
    const quiet = await run(settings(6, { weight: 2, warmup: 0.5, noise: 0 }), {});
    const noisy = await run(settings(6, { weight: 2, warmup: 0.5, noise: 0.1 }), {});
    assert.deepEqual(quiet.losses.slice(0, 3), silent.losses.slice(0, 3));
    assert.notEqual(quiet.losses[3], silent.losses[3]);
    assert.notEqual(noisy.losses[3], quiet.losses[3]);
    assert.notDeepEqual(noisy.student, silent.student);
  }),
);

/** What the teacher sees of a batch at a step: noise of this standard deviation, cut at two of them. */
function noisyImages(
  { images }: SliceStack,
  { seed }: Config,
  [step, noise]: number[],
): Float32Array {
  const source = random(seed, "teacher noise", step);
  const limited = () => Math.max(-2 * noise, Math.min(2 * noise, noise * source.normal()));
  return images.map((value) => value + limited());
}

Deno.test(
  "adapt() by mean-teacher compares with a teacher that sees cut noise",
  onCpu(async () => {
    const earlier = await run(settings(3, { weight: 0 }), {});
    const silent = await run(settings(4, { weight: 0 }), {});
    for (const noise of [0, 0.1, 2]) {
      // The fourth step is the first with consistency.
      const config = settings(4, { weight: 2, warmup: 0.75, noise, batch: pool.count });
      const batch = drawBatch(pool, 4, { batch: pool.count, seed: config.seed });
      const probabilities = (
        tensors: Record<string, HostTensor>,
        { images, training }: { images: Float32Array; training: boolean },
      ) => {
        const network = segmentationNetwork(config, classes);
        importWeights(network.weights, tensors, "test");
        const x = imageTensor({ ...batch, images });
        const found = [...tf.softmax(network.forward(x, { training })).dataSync()];
        disposeWeights(network.weights);
        return found;
      };
      const { student, teacher } = earlier;
      const ours = probabilities(student, { images: batch.images, training: true });
      const images = noisyImages(batch, config, [4, noise]);
      const theirs = probabilities(teacher, { images, training: false });
      const squares = ours.reduce((sum, p, i) => sum + (p - theirs[i]) ** 2, 0);
      const { losses } = await run(config, {});
      assertClose(losses[3] - silent.losses[3], 2 * squares / ours.length, 1e-4);
    }
  }),
);

Deno.test(
  "adapt() by mean-teacher depends on the seed alone",
  onCpu(async () => {
    const config = settings(4, { warmup: 0 });
    assert.deepEqual(await run(config, {}), await run(config, {}));
    assert.notDeepEqual(await run(config, {}), await run({ ...config, seed: 1 }, {}));
  }),
);

Deno.test(
  "adapt() by mean-teacher asks for unlabelled slices",
  onCpu(async () => {
    await assert.rejects(run(settings(1), { unlabelled: undefined }), {
      name: "TypeError",
      message:
        "mean-teacher: expected unlabelled slices, found none: give those of the training patients",
    });
  }),
);
