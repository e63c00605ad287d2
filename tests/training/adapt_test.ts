import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useBackend } from "../../lib/backends/select.ts";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import { SUPERVISED_VIEWS } from "../../lib/config/presets.ts";
import { IGNORED } from "../../lib/data/masks/labels.ts";
import type { SliceStack } from "../../lib/data/slices/slices.ts";
import { adapt, type AdaptOptions } from "../../lib/training/adapt.ts";
import { imageTensor } from "../../lib/training/batches.ts";
import type { StepRecord } from "../../lib/training/loop.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import type { Safetensors } from "../../lib/training/weights/safetensors.ts";
import { segmentationModel } from "../../lib/training/weights/segmentation_model.ts";
import {
  STRATEGIES,
  STRATEGY_NAMES,
  type StrategyName,
} from "../../lib/training/strategies/table.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { onCpu, PLAIN_VIEWS, TINY, tinySlices, unlabelled, withoutLeak } from "./tiny.ts";
import { WORDINGS } from "../support/wordings.ts";

const slices = tinySlices(4);
const classes = 3;

/** Enough features to separate the classes, and slices as they are. */
const config: Config = {
  ...TINY,
  backbone: { name: "unet", widths: [4, 8], features: 16 },
  views: SUPERVISED_VIEWS,
  pretraining: { ...TINY.pretraining, learningRate: 1e-2, batch: 4 },
  adaptation: { ...TINY.adaptation, views: PLAIN_VIEWS },
};

/** The same for two steps, where it does not matter what is learnt. */
const short: Config = {
  ...config,
  adaptation: {
    ...config.adaptation,
    iterations: 2,
    probe: { ...config.adaptation.probe, iterations: 2 },
  },
};

let backbone: Promise<Safetensors> | undefined;

/** A pretraining: one for all tests. */
function pretrainedOnce(): Promise<Safetensors> {
  return backbone ??= pretrain(slices, config, { steps: 10 });
}

/** Options of a strategy, pretrained where it needs it. */
async function optionsOf(strategy: StrategyName): Promise<AdaptOptions> {
  const pretrained = STRATEGIES[strategy].pretraining === "none"
    ? undefined
    : await pretrainedOnce();
  return { strategy, classes, pretrained, unlabelled: unlabelled(slices) };
}

/** Mean Dice of the structures over all slices. */
async function meanDice(checkpoint: Safetensors): Promise<number> {
  const model = segmentationModel(checkpoint, { config, classes, source: "test" });
  const labels = tf.tidy(() => {
    const logits = model.forward(imageTensor(slices), { training: false });
    return tf.argMax(logits, 3);
  });
  const found = await labels.data();
  labels.dispose();
  disposeWeights(model.weights);
  const dice = [1, 2].map((label) => {
    const both = slices.labels.filter((value, i) => value === label && found[i] === label).length;
    const total = [...slices.labels, ...found].filter((value) => value === label).length;
    return 2 * both / total;
  });
  return (dice[0] + dice[1]) / 2;
}

for (const strategy of STRATEGY_NAMES) {
  Deno.test(
    `adapt() by ${strategy} learns a few slices by heart and keeps no tensor`,
    onCpu(withoutLeak(async () => {
      const options = await optionsOf(strategy);
      const dice = await meanDice(await adapt(slices, config, options));
      assert.ok(dice > 0.9, `Dice ${dice}`);
    })),
  );
}

/** The same slices, labelled in their first column of every three, and the last slice not at all. */
function sparselyLabelled(otherwise: number): SliceStack {
  const pixels = slices.size ** 2;
  const labels = slices.labels.map((label, i) => i % 3 === 0 && i < 3 * pixels ? label : otherwise);
  return { ...slices, labels };
}

for (const strategy of STRATEGY_NAMES) {
  Deno.test(
    `adapt() by ${strategy} learns from pixels that are labelled, and from no other`,
    onCpu(withoutLeak(async () => {
      const options = await optionsOf(strategy);
      const dice = async (otherwise: number) =>
        await meanDice(await adapt(sparselyLabelled(otherwise), config, options));
      const [ignored, asBackground] = [await dice(IGNORED), await dice(0)];
      assert.ok(ignored > 0.75 && asBackground < 0.6, `Dice ${ignored}, ${asBackground}`);
    })),
  );
}

testOnBackends("adapt() follows the losses that plain tfjs computes", async () => {
  const single = { ...short, adaptation: { ...short.adaptation, batch: 1 } };
  const losses = async () => {
    const found: number[] = [];
    const follow = (records: StepRecord[]) => void found.push(...records.map(({ loss }) => loss));
    await adapt(slices, single, { strategy: "scratch", classes, onSteps: follow });
    return found;
  };
  const found = await losses();
  await useBackend("cpu");
  assertClose(found, await losses(), 1e-3);
});

for (const strategy of STRATEGY_NAMES) {
  Deno.test(
    `adapt() by ${strategy} depends on the seed alone`,
    onCpu(async () => {
      const options = await optionsOf(strategy);
      const run = (seed: number) => adapt(slices, { ...short, seed }, options);
      assert.deepEqual(await run(1), await run(1));
      assert.notDeepEqual(await run(1), await run(2));
    }),
  );
}

for (const strategy of STRATEGY_NAMES) {
  Deno.test(
    `adapt() by ${strategy} takes as many steps as it says`,
    onCpu(async () => {
      const adaptation = {
        ...{ ...config.adaptation, iterations: 3, batch: 1 },
        probe: { learningRate: 0.1, iterations: 4 },
      };
      const taken: number[] = [];
      const totals = new Set<number>();
      const options = await optionsOf(strategy);
      await adapt(slices, { ...config, adaptation }, {
        ...options,
        onSteps: (records, steps) => {
          taken.push(...records.map(({ step }) => step));
          totals.add(steps);
        },
      });
      const steps = STRATEGIES[strategy].steps(adaptation, {
        pretrained: options.pretrained !== undefined,
      });
      assert.deepEqual(taken, Array.from({ length: steps }, (_, i) => i + 1));
      assert.deepEqual([...totals], [steps]);
    }),
  );
}

Deno.test(
  "adapt() by probe leaves the backbone as it was pretrained, bit for bit",
  onCpu(async () => {
    const options = await optionsOf("probe");
    const { tensors } = await adapt(slices, short, options);
    const names = Object.keys(tensors).filter((name) => name.startsWith("backbone."));
    assert.ok(names.some((name) => name.endsWith("running_var")));
    for (const name of names) assert.deepEqual(tensors[name], options.pretrained!.tensors[name]);
  }),
);

Deno.test(
  "adapt() by finetune trains everything and leaves the given pretraining alone",
  onCpu(
    async () => {
      const options = await optionsOf("finetune");
      const before = structuredClone(options.pretrained);
      const { tensors } = await adapt(slices, short, options);
      assert.deepEqual(options.pretrained, before);
      const names = Object.keys(tensors).filter((name) => name.startsWith("backbone."));
      for (const name of names) assert.notDeepEqual(tensors[name], before!.tensors[name]);
      assert.ok(Object.keys(tensors).every((name) => /^(backbone|head)\./.test(name)));
    },
  ),
);

Deno.test(
  "adapt() bears classes that no slice shows",
  onCpu(async () => {
    for (const loss of ["dice", "dice-ce"] as const) {
      const own = { ...short, adaptation: { ...short.adaptation, loss } };
      const blank = { ...slices, labels: new Uint8Array(slices.labels.length) };
      const { tensors } = await adapt(blank, own, { strategy: "scratch", classes });
      assert.deepEqual(tensors["head.0.bias"].shape, [classes]);
      assert.ok(Object.values(tensors).every(({ values }) => values.every(Number.isFinite)));
    }
  }),
);

Deno.test(
  "adapt() refuses a missing or foreign pretraining and slices without labels",
  onCpu(
    withoutLeak(async () => {
      const needing = STRATEGY_NAMES.filter((name) => STRATEGIES[name].pretraining === "required");
      for (const strategy of needing) {
        await assert.rejects(adapt(slices, config, { strategy, classes }), {
          name: "TypeError",
          message: `${strategy}: expected a pretraining, found none: name one, or scratch`,
        });
      }
      const options = await optionsOf("probe");
      const wider: Config = {
        ...config,
        backbone: { name: "unet", widths: [4, 16], features: 16 },
      };
      await assert.rejects(adapt(slices, wider, options), {
        name: "TypeError",
        message: new RegExp(`^pretraining: ${WORDINGS.otherArchitecture}, `),
      });
      for (const strategy of STRATEGY_NAMES) {
        const adapted = adapt(unlabelled(slices), config, { ...options, strategy });
        await assert.rejects(adapted, {
          name: "TypeError",
          message: "expected labelled slices, found slices without labels",
        });
      }
    }),
  ),
);

Deno.test(
  "adapt() ends with the signal's reason",
  onCpu(withoutLeak(async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const adapted = adapt(slices, config, {
      strategy: "scratch",
      classes,
      signal: controller.signal,
      onSteps: (records) => {
        steps.push(...records.map(({ step }) => step));
        controller.abort(new Error("stopped"));
      },
    });
    await assert.rejects(adapted, { message: "stopped" });
    assert.equal(steps.at(-1), 10);
  })),
);
