import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { PRESETS, SUPERVISED_VIEWS } from "../../lib/config/presets.ts";
import { readCheckpoint, writeCheckpoint } from "../../lib/runs/checkpoint.ts";
import { exportWeights } from "../../lib/training/weights/weight_tensors.ts";
import type { StepRecord } from "../../lib/training/loop.ts";
import { pretrain, pretrainingSteps, type PretrainOptions } from "../../lib/training/pretrain.ts";
import type { QualityRecord } from "../../lib/training/quality.ts";
import type { Safetensors } from "../../lib/training/weights/safetensors.ts";
import { closeSource, gatherSlices, type SliceSource } from "../../lib/data/slices/slice_source.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { withFolder } from "../support/datasets.ts";
import {
  IMAGE_LOSSES,
  onCpu,
  PIXEL_LOSSES,
  TINY,
  tinyNetwork,
  tinySlices,
  withoutLeak,
} from "./tiny.ts";

const slices = tinySlices(5);

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
      loss: PIXEL_LOSSES["barlow-twins of all pixels"]("mask"),
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

Deno.test(
  "pretrain() decays weights with AdamW alone, by rate times decay",
  onCpu(async () => {
    const after = async (optimiser: "adam" | "adamw", weightDecay: number) => {
      const pretraining = { ...TINY.pretraining, learningRate: 0.1, optimiser, weightDecay };
      return (await pretrain(slices, { ...TINY, pretraining }, { steps: 1 })).tensors;
    };
    const plain = await after("adam", 0);
    assert.deepEqual(await after("adam", 0.5), plain);
    const decayed = await after("adamw", 0.5);
    const initial = await exportWeights(tinyNetwork().weights);
    for (const [name, { values }] of Object.entries(initial)) {
      const share = name.includes("running_") ? 0 : 0.1 * 0.5;
      const expected = plain[name].values.map((value, i) => value - share * values[i]);
      assertClose(decayed[name].values, expected, 1e-5);
    }
  }),
);

Deno.test(
  "pretrain() that goes on keeps the best checkpoint of before until it is beaten",
  onCpu(async () => {
    const config = { ...TINY, pretraining: { ...TINY.pretraining, qualityEvery: 1 } };
    const first = await pretrain(slices, config, { steps: 1 });
    const goOn = async (best: string) => {
      const kept: (string | undefined)[] = [];
      const result = await pretrain(slices, config, {
        steps: 2,
        resume: { ...first, metadata: { ...first.metadata, best } },
        probe: { slices: tinySlices(4), classes: 3 },
        onQuality: () => {},
        saveBest: ({ metadata }) => Promise.resolve(void kept.push(metadata.best)),
      });
      return { kept, best: result.metadata.best };
    };
    // No Dice is above 1, and any is above −1.
    assert.deepEqual(await goOn("1"), { kept: [], best: "1" });
    const { kept, best } = await goOn("-1");
    assert.deepEqual(kept, [best]);
    assert.ok(Number(best) >= 0);
  }),
);

/** Every loss by its name. */
const LOSSES: Record<string, Config["loss"]> = {
  ...Object.fromEntries(Object.entries(PIXEL_LOSSES).map(([name, loss]) => [name, loss("mask")])),
  ...Object.fromEntries(IMAGE_LOSSES.map((loss) => [loss.name, loss])),
};

for (const [name, loss] of Object.entries(LOSSES)) {
  Deno.test(
    `pretrain() with ${name} learns`,
    onCpu(async () => {
      const config = {
        ...TINY,
        views: SUPERVISED_VIEWS,
        loss,
        pretraining: { ...TINY.pretraining, learningRate: 1e-2, batch: 4 },
      };
      // BT-UNet has the four slices of a batch alone to compare: it takes longer.
      const found = await losses(config, { steps: loss.name === "bt-unet" ? 80 : 40 });
      const mean = (part: number[]) => part.reduce((sum, value) => sum + value) / part.length;
      const [first, last] = [mean(found.slice(0, 5)), mean(found.slice(-5))];
      assert.ok(last < 0.75 * first, `from ${first} to ${last}`);
    }),
  );
}

testOnBackends("pretrain() with patches and elastic views trains with every loss", async () => {
  const { views, pretraining: { patches } } = PRESETS["pix2rep-v2"];
  for (const [name, loss] of Object.entries(LOSSES)) {
    const config = { ...TINY, views, loss };
    const pretraining = { ...TINY.pretraining, patches };
    const run = () => losses({ ...config, pretraining }, { steps: 1 });
    const found = await run();
    assert.ok(found.every((value) => Number.isFinite(value) && value > 0), name);
    assert.deepEqual(await run(), found);
    assert.notDeepEqual(await losses(config, { steps: 1 }), found);
  }
});

for (const loss of IMAGE_LOSSES) {
  testOnBackends(`pretrain() with ${loss.name} trains the encoder and no decoder`, async () => {
    const config = { ...TINY, loss };
    const initial = await exportWeights(tinyNetwork(config).weights);
    const { tensors } = await pretrain(slices, config, { steps: 2 });
    const backbone = Object.keys(initial).filter((name) => name.startsWith("backbone."));
    for (const name of backbone) {
      const same = `${tensors[name].values}` === `${initial[name].values}`;
      assert.equal(same, !name.startsWith("backbone.down."), name);
    }
  });
}

testOnBackends("pretrain() is not changed by measuring, and measures the same again", async () => {
  const watched = { ...TINY, pretraining: { ...TINY.pretraining, qualityEvery: 2 } };
  const probe = { slices: tinySlices(4), classes: 3 };
  const watch = async (from?: Safetensors) => {
    const records: QualityRecord[] = [];
    const onQuality = (record: QualityRecord) => void records.push(record);
    const options = { steps: 3, resume: from, onQuality, probe };
    return { result: await pretrain(slices, watched, options), records };
  };
  const { result, records } = await watch();
  const { best, ...metadata } = result.metadata;
  assert.deepEqual({ ...result, metadata }, await pretrain(slices, TINY, { steps: 3 }));
  assert.deepEqual(records.map(({ step }) => step), [2]);
  assert.equal(best, `${records[0].probe_dice}`);
  for (const { step: _, ...quality } of records) {
    assert.deepEqual(Object.keys(quality), [
      "alignment",
      "uniformity",
      "dead_dimensions",
      "effective_rank",
      "probe_dice",
    ]);
    assert.ok(Object.values(quality).every(Number.isFinite), JSON.stringify(quality));
  }
  assert.deepEqual(await watch(await pretrain(slices, TINY, { steps: 1 })), { result, records });
});

Deno.test(
  "pretrain() measures as often as configured, frees what it took, and needs no probe",
  onCpu(withoutLeak(async () => {
    const config = { ...TINY, pretraining: { ...TINY.pretraining, qualityEvery: 12 } };
    const events: string[] = [];
    await pretrain(slices, config, {
      steps: 25,
      onSteps: (records) => void events.push(`to ${records.at(-1)?.step}`),
      onQuality: (record) => {
        assert.ok(!("probe_dice" in record));
        events.push(`measured ${record.step}`);
      },
      save: ({ metadata }) => Promise.resolve(void events.push(`saved ${metadata.step}`)),
    });
    assert.deepEqual(events, [
      ...["to 10", "to 12", "measured 12", "to 22", "to 24", "measured 24", "to 25", "saved 25"],
    ]);
  })),
);

Deno.test(
  "pretrain() warns once of features that collapse, and goes on",
  onCpu(async () => {
    // A last batch norm of scale 0 and shift 1, and weights that stand still: all features are 1.
    const config = {
      ...TINY,
      pretraining: { ...TINY.pretraining, learningRate: 1e-30, qualityEvery: 1 },
    };
    const initial = await pretrain(slices, config, { steps: 1 });
    initial.tensors["backbone.up.0.4.weight"].values.fill(0);
    initial.tensors["backbone.up.0.4.bias"].values.fill(1);
    const warnings: string[] = [];
    const result = await pretrain(slices, config, {
      steps: 5,
      resume: initial,
      onQuality: () => {},
      onCollapse: (warning) => void warnings.push(warning),
    });
    assert.equal(result.metadata.step, "5");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^step 3: .* effective rank 1\.0, 8 of 8 dimensions dead/);
  }),
);

Deno.test(
  "pretrain() ends clearly where the loss is not finite, with the last checkpoint kept",
  onCpu(withoutLeak(async () => {
    const saved: Safetensors[] = [];
    const save = (checkpoint: Safetensors) => Promise.resolve(void saved.push(checkpoint));
    const first = await pretrain(slices, TINY, { steps: 3, save });
    const wild = { ...TINY, pretraining: { ...TINY.pretraining, learningRate: 1e30 } };
    await assert.rejects(pretrain(slices, wild, { steps: 20, resume: first, save }), {
      message:
        /^the loss became \S+ at step \d+ \(learning rate 1e\+30; trained on slice \d+, slice \d+\): try a lower/,
    });
    assert.deepEqual(saved, [first]);
    const broken = { ...slices, images: slices.images.with(0, NaN) };
    await assert.rejects(
      pretrain(broken, TINY, { steps: 9 }),
      /^RangeError: the loss became NaN at/,
    );
  })),
);

Deno.test(
  "pretrain() learns the same from a file of slices, bit for bit",
  onCpu(() =>
    withFolder(async (dir) => {
      const { size } = slices;
      const volume = {
        ...{ images: slices.images, depth: slices.count, channels: 1, grid: { size, spacing: 1 } },
        ...{
          centre: [0, 0] as const,
          original: { width: size, height: size, spacing: [1, 1] as const },
          facts: { side: size, spacing: 1, thickness: 1, means: [], ranges: [] },
        },
      };
      const volumes = async function* () {
        yield await Promise.resolve(volume);
      };
      const source = await gatherSlices(volumes(), { dir, most: 0 });
      assert.ok("file" in source);
      const watched = { ...TINY, pretraining: { ...TINY.pretraining, qualityEvery: 2 } };
      const run = async (from: SliceSource) => {
        const records: QualityRecord[] = [];
        const onQuality = (record: QualityRecord) => void records.push(record);
        return [await pretrain(from, watched, { steps: 4, onQuality }), records];
      };
      assert.deepEqual(await run(source), await run(slices));
      closeSource(source);
    })
  ),
);
