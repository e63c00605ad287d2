import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { supervisedView } from "../../../lib/augmentations/views.ts";
import { disposeWeights } from "../../../lib/backbones/weights.ts";
import type { Config } from "../../../lib/config/config.ts";
import { diceCrossEntropy, softDice } from "../../../lib/losses/segmentation.ts";
import { random } from "../../../lib/math/random.ts";
import { adapt } from "../../../lib/training/adapt.ts";
import { drawLabelled, segmentationLoss } from "../../../lib/training/strategies/adaptation.ts";
import { drawBatch, imageTensor, labelTensor } from "../../../lib/training/batches.ts";
import { pretrain } from "../../../lib/training/pretrain.ts";
import type { Safetensors } from "../../../lib/training/weights/safetensors.ts";
import { exportWeights } from "../../../lib/training/weights/weight_tensors.ts";
import { segmentationNetwork } from "../../../lib/training/weights/segmentation_model.ts";
import { assertClose } from "../../support/close.ts";
import { onCpu, TINY, tinySlices, unlabelled } from "../tiny.ts";

const slices = tinySlices(4);
const classes = 3;

/** TINY with other settings of adaptation. */
function withAdaptation(settings: Partial<Config["adaptation"]>): Config {
  return { ...TINY, adaptation: { ...TINY.adaptation, ...settings } };
}

Deno.test(
  "drawLabelled() shows the step's slices as the configured views of the seed",
  onCpu(async () => {
    const config: Config = { ...withAdaptation({ batch: 3 }), seed: 5 };
    const model = segmentationNetwork(config, classes);
    const given = { slices, config, classes, model, pretrained: false, hooks: {} };
    const seen: Float32Array[] = [];
    for (const step of [1, 2]) {
      const batch = drawBatch(slices, step, { batch: 3, seed: 5 });
      const plain = { images: imageTensor(batch), labels: labelTensor(batch, classes) };
      const source = random(5, "labelled views", step);
      const expected = supervisedView(plain, config.adaptation.views, source);
      const view = drawLabelled(given, step);
      const images = await view.images.data<"float32">();
      assert.deepEqual(images, await expected.images.data());
      assert.deepEqual(await view.labels.data(), await expected.labels.data());
      assert.notDeepEqual(images, batch.images, "augmented");
      seen.push(images);
    }
    assert.notDeepEqual(seen[0], seen[1]);
    disposeWeights(model.weights);
  }),
);

Deno.test(
  "segmentationLoss() is the one that is configured",
  onCpu(async () => {
    const draw = random("logits");
    const values = Float32Array.from({ length: 2 * 4 * 4 * 3 }, () => draw.normal());
    const logits = tf.tensor4d(values, [2, 4, 4, 3]);
    const labels: tf.Tensor4D = tf.softmax(tf.neg(logits));
    for (const [loss, by] of [["dice", softDice], ["dice-ce", diceCrossEntropy]] as const) {
      const found = segmentationLoss({ config: withAdaptation({ loss }) })(logits, { labels });
      assert.deepEqual(await found.data(), await by(logits, labels).data());
    }
  }),
);

/** The longest way that a weight of a part went from one checkpoint to another. */
function longestWay(
  part: string,
  from: Safetensors["tensors"],
  to: Safetensors["tensors"],
): number {
  const names = Object.keys(to).filter((name) =>
    name.startsWith(`${part}.`) && !name.includes("running_")
  );
  assert.ok(names.length > 0);
  return Math.max(
    ...names.flatMap((name) =>
      [...to[name].values].map((value, i) => Math.abs(value - from[name].values[i]))
    ),
  );
}

Deno.test(
  "adapt() moves backbone and head by their own learning rates",
  onCpu(async () => {
    const config = withAdaptation({
      ...{ iterations: 1, schedule: "constant" },
      scratch: { learningRate: 0.02 },
      finetune: { backboneLearningRate: 0.001, headLearningRate: 0.05 },
    });
    const pretrained = await pretrain(slices, config, { steps: 1 });
    const network = segmentationNetwork(config, classes);
    const initial = await exportWeights(network.weights);
    disposeWeights(network.weights);
    const adapted = { from: { ...initial, ...pretrained.tensors }, backbone: 0.001, head: 0.05 };
    const cases = {
      scratch: { from: initial, backbone: 0.02, head: 0.02 },
      finetune: adapted,
      "mean-teacher": adapted,
    };
    for (const strategy of ["scratch", "finetune", "mean-teacher"] as const) {
      const { from, backbone, head } = cases[strategy];
      const options = { strategy, classes, pretrained, unlabelled: unlabelled(slices) };
      const { tensors } = await adapt(slices, config, options);
      // Adam's first step is as long as its rate, for every weight.
      assertClose(longestWay("backbone", from, tensors), backbone, 1e-2);
      assertClose(longestWay("head", from, tensors), head, 1e-2);
    }
  }),
);
