import assert from "node:assert/strict";
import fc from "fast-check";
import { parseConfig } from "../../lib/config/parse_config.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { parseJson } from "../../lib/io/text/parse_json.ts";
import { isPrintable } from "../../lib/io/text/printable.ts";
import { readSplit } from "../../lib/data/datasets/splits.ts";
import { knownRows, readResult } from "../../lib/experiments/known_runs.ts";
import { plannedRuns } from "../../lib/experiments/sweep/plan.ts";
import { readPlan } from "../../lib/experiments/sweep/plan_file.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { readRecords } from "../../lib/runs/sinks/jsonl.ts";
import * as v from "valibot";
import { damaged, damagedJson, fuzz, soundOrRefused } from "./support.ts";

const dir = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
Deno.mkdirSync(`${dir}/data`);

const file = (name: string, text: string) => {
  Deno.writeTextFileSync(`${dir}/${name}`, text);
  return `${dir}/${name}`;
};

const config = resolveConfig("pix2rep-small");
fuzz("configurations are read or refused", 0.12, {
  of: damagedJson(config),
  holds: (text) =>
    soundOrRefused(
      "config.json",
      () => parseConfig(parseJson(text, v.unknown(), "config.json"), "config.json"),
      ({ preset, grid, backbone }) => {
        assert.ok(Number.isFinite(grid.spacing) && grid.size <= 8192);
        assert.ok(backbone.widths.every((width) => width <= 8192));
        assert.match(preset, /^[\w.-]+$/);
      },
    ),
});

const groups = [{ pretrainings: ["none"], strategies: ["scratch"], patients: [1, 2] }];
const plan = { configs: [config], groups, seeds: [0, 1] } as Parameters<typeof plannedRuns>[0];
fuzz("plans are read or refused", 0.04, {
  of: damagedJson({
    schema: "pix2rep.plan/1",
    presets: ["pix2rep-small", { name: "pix2rep-bt-small", set: ["loss.lambda=0.01"] }],
    set: ["pretraining.batch=4"],
    groups,
    seeds: [0, 1],
  }),
  holds: (text) => {
    const path = file("plan.json", text);
    return soundOrRefused(path, () => readPlan(path), (plan) => {
      for (const { config, pretraining } of plannedRuns(plan)) {
        assert.match(config.preset, /^[\w.-]+$/);
        assert.match(pretraining, /^[\w.-]+$/);
      }
    });
  },
});

const means = { LV: 0.5, mean: 0.5 };
fuzz("results of earlier sweeps are read or refused", 0.05, {
  of: damagedJson({
    schema: "pix2rep.sweep/1",
    dataset: "tiny",
    config: plan,
    rows: [1, 2].map((patients) => ({
      pretraining: "none",
      strategy: "scratch",
      patients,
      seed: 0,
      missed: 0,
      dice: means,
      hd95_mm: means,
      assd_mm: { LV: null, mean: null },
      test_patients: 2,
    })),
    summary: [],
  }),
  holds: (text) => {
    const path = file("result.json", text);
    return soundOrRefused(path, async () => {
      return knownRows(plan, { dataset: "tiny", earlier: await readResult(path) });
    }, (rows) => {
      for (const { dice } of rows.values()) {
        assert.ok(dice.mean === null || Number.isFinite(dice.mean));
      }
    });
  },
});

const ids = ["a", "b", "c"];
const dataset: Dataset = {
  name: "tiny",
  root: dir,
  layout: "folder",
  structures: [],
  patients: ids.map((id) => ({ id, group: "", part: "training", scans: [] })),
};
fuzz("split manifests are read or refused", 0.05, {
  of: damagedJson({
    schema: "pix2rep.split/1",
    dataset: "tiny",
    seed: 0,
    test: ["a"],
    pool: ["b", "c"],
    subsets: { 1: ["b"], 2: ["b", "c"] },
  }),
  holds: (text) => {
    const path = file("split.json", text);
    return soundOrRefused(path, () => readSplit(path, dataset), ({ test, pool }) => {
      assert.ok([...test, ...pool].every((id) => ids.includes(id)));
    });
  },
});

const cases = ["a", "b"].map((id) => ({ image: `i/${id}.nii.gz`, label: `l/${id}.nii.gz` }));
const labels = { 0: "background", 1: "one" };
const listed = { a: { images: ["i/a.nii.gz"], label: "l/a.nii.gz" } };
for (
  const [layout, json] of [
    ["MSD", { name: "tiny", labels, training: cases, test: ["t/c.nii.gz"] }],
    ["nnU-Net", {
      name: "tiny",
      channel_names: { 0: "MRI" },
      labels: { background: 0, one: 1 },
      file_ending: ".nii.gz",
      dataset: listed,
    }],
  ] as const
) {
  fuzz(`dataset.json of ${layout} is read or refused`, 0.05, {
    of: damagedJson(json),
    holds: (text) => {
      file("data/dataset.json", text);
      return soundOrRefused(`${dir}/data`, () => openDataset(`${dir}/data`), (opened) => {
        for (const { id, scans } of opened.patients) {
          assert.ok(isPrintable(id));
          assert.ok(scans.every(({ image }) => image.startsWith(`${dir}/data`)));
        }
      });
    },
  });
}

fuzz("metrics.jsonl is read or refused", 0.03, {
  of: damagedJson({ step: 1, loss: 0.5, learning_rate: 1e-3 }),
  holds: (text) => {
    file("metrics.jsonl", `${text}\n`);
    return soundOrRefused(`${dir}/metrics.jsonl`, () => readRecords(dir, "metrics"));
  },
});

const tensors = {
  weight: { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
  bias: { shape: [2], values: Float32Array.of(1, 2) },
};
const encoded = encodeSafetensors({ tensors, metadata: { step: "1" } });
const header = JSON.parse(
  new TextDecoder().decode(encoded.subarray(8, encoded.length - 24)),
);
fuzz("safetensors are read or refused", 0.13, {
  of: fc.oneof(
    damaged(encoded),
    damagedJson(header).map((text) => {
      const json = new TextEncoder().encode(text);
      const bytes = new Uint8Array(8 + json.length + 24);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
      bytes.set(json, 8);
      return bytes;
    }),
  ),
  holds: (bytes) =>
    soundOrRefused("x.safetensors", () => decodeSafetensors(bytes, "x.safetensors"), (read) => {
      for (const { shape, values } of Object.values(read.tensors)) {
        assert.ok(shape.every((length) => length >= 0));
        assert.equal(values.length, shape.reduce((product, length) => product * length, 1));
      }
    }),
});
