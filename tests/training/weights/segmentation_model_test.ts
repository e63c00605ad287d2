import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights } from "../../../lib/backbones/weights.ts";
import { exportWeights, prefixed } from "../../../lib/training/weights/weight_tensors.ts";
import {
  hasTeacher,
  segmentationModel,
  type SegmentationModelOptions,
  segmentationNetwork,
} from "../../../lib/training/weights/segmentation_model.ts";
import { onCpu, TINY, withoutLeak } from "../tiny.ts";
import { WORDINGS } from "../../support/wordings.ts";

const options: SegmentationModelOptions = { config: TINY, classes: 3, source: "run/model" };

/** The tensors of a network of random weights. */
async function tensorsOf(seed: number) {
  const { weights } = segmentationNetwork({ ...TINY, seed }, 3);
  const tensors = await exportWeights(weights);
  disposeWeights(weights);
  return tensors;
}

Deno.test(
  "segmentationModel() is a Mean Teacher's teacher, or the student that was asked for",
  onCpu(withoutLeak(async () => {
    const [student, teacher] = [await tensorsOf(1), await tensorsOf(2)];
    const both = { tensors: { ...student, ...prefixed("teacher.", teacher) }, metadata: {} };
    const alone = { tensors: student, metadata: {} };
    assert.deepEqual([hasTeacher(both), hasTeacher(alone)], [true, false]);
    for (
      const [checkpoint, part, expected] of [
        [both, undefined, teacher],
        [both, "teacher", teacher],
        [both, "student", student],
        [alone, undefined, student],
        [alone, "teacher", student],
        [alone, "student", student],
      ] as const
    ) {
      const { weights } = segmentationModel(checkpoint, { ...options, part });
      assert.deepEqual(await exportWeights(weights), expected);
      disposeWeights(weights);
    }
  })),
);

Deno.test(
  "segmentationModel() lets the memory of an in-context checkpoint vote",
  onCpu(withoutLeak(async () => {
    const network = await tensorsOf(1);
    const memory = {
      "memory.features": { shape: [2, 8], values: new Float32Array(16).fill(8 ** -0.5) },
      "memory.labels": { shape: [2], values: Float32Array.of(2, 2) },
    };
    const checkpoint = { tensors: { ...network, ...memory }, metadata: {} };
    const model = segmentationModel(checkpoint, options);
    const [logits, labels] = tf.tidy(() => {
      const logits = model.forward(tf.ones([1, 16, 16, 1]), { training: false });
      return [logits, tf.argMax(logits, 3)];
    });
    assert.deepEqual(logits.shape, [1, 16, 16, 3]);
    assert.deepEqual(new Set(await labels.data()), new Set([2]));
    tf.dispose([logits, labels]);
    disposeWeights(model.weights);
  })),
);

Deno.test(
  "segmentationModel() refuses a checkpoint of another architecture",
  onCpu(
    withoutLeak(async () => {
      const features = { shape: [2, 9], values: new Float32Array(18) };
      const network = await tensorsOf(1);
      for (
        const tensors of [{}, await tensorsOfFour(), { ...network, "memory.features": features }]
      ) {
        assert.throws(() => segmentationModel({ tensors, metadata: {} }, options), {
          name: "TypeError",
          message: new RegExp(String.raw`^run\/model: ${WORDINGS.otherArchitecture}, `),
        });
      }
    }),
  ),
);

/** The tensors of a network of four classes. */
async function tensorsOfFour() {
  const { weights } = segmentationNetwork(TINY, 4);
  const tensors = await exportWeights(weights);
  disposeWeights(weights);
  return tensors;
}
