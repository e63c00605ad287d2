/** The Python of docs/export.md, and models for it. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { disposeWeights, type Network } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import { decodeModelFile, encodeModelFile, type ModelFile } from "../../lib/export/model_file.ts";
import { segmentationNetwork } from "../../lib/training/weights/segmentation_model.ts";
import { exportWeights } from "../../lib/training/weights/weight_tensors.ts";
import { disturbNorms } from "../backbones/references.ts";
import { withFolder } from "../support/datasets.ts";
import { pythonWith } from "../support/python.ts";
import { onCpu, TINY } from "../training/tiny.ts";

const page = readFileSync(new URL("../../docs/export.md", import.meta.url), "utf8");
const code = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, block]) => block);

/** The block of the page that defines a function. */
export function block(name: string): string {
  const found = code.find((text) => text.includes(`def ${name}(`));
  assert.ok(found, `docs/export.md defines no ${name}`);
  return found;
}

/** A Python with all that the page needs. */
export const python = await pythonWith("torch", "numpy", "nibabel");

/** A test that needs PyTorch: skipped, saying so, where it is absent. */
export function testPython(name: string, body: (dir: string) => Promise<void>): void {
  Deno.test({
    name: python === undefined ? `${name} (skipped: no python3 with torch and nibabel)` : name,
    ignore: python === undefined,
    fn: onCpu(() => withFolder(body)),
  });
}

/** That of all models here. */
export const config: Config = {
  ...TINY,
  grid: { size: 16, spacing: 2, axis: "auto" },
  backbone: { name: "unet", widths: [4, 8, 16], features: 5 },
};
/** Theirs, but for those of features. */
export const structures = [{ label: 1, name: "RV" }, { label: 2, name: "LV" }];

/** What a model file says beside the configuration. */
export type About = Partial<Pick<ModelFile, "output" | "channels" | "structures" | "order">> & {
  window?: Config["data"]["window"];
};

/** A model of random weights, on disk as it is exported. */
export async function writeModel(dir: string, about: About = {}): Promise<ModelFile> {
  const { output = "logits", channels, order, window = "percentiles" } = about;
  const network = segmentationNetwork(
    { ...config, seed: 4 },
    structures.length + 1,
    channels?.length,
  );
  const { weights, backbone } = network;
  await disturbNorms(weights);
  balance(network, channels?.length);
  const all = await exportWeights(weights);
  const kept = Object.entries(all).filter(([name]) => output === "logits" || !/^head/.test(name));
  assert.equal(kept.length > Object.keys(backbone.weights).length, output === "logits");
  const model = {
    config: { ...config, data: { ...config.data, window } },
    output,
    channels,
    order,
    tensors: Object.fromEntries(kept),
    structures: output === "logits" ? about.structures ?? structures : [],
  };
  const bytes = encodeModelFile(model);
  await Deno.writeFile(`${dir}/heart.safetensors`, bytes);
  disposeWeights(weights);
  return decodeModelFile(bytes, "heart");
}

/** Numbers that Python wrote. */
export function readValues(path: string): Float32Array {
  return new Float32Array(Deno.readFileSync(path).buffer);
}

/** Makes the classes of a network equally likely in noise, so that masks have several. */
function balance({ weights, forward }: Network, channels = 1): void {
  tf.tidy(() => {
    const noise = tf.randomUniform<tf.Rank.R4>([4, 16, 16, channels], 0, 1, "float32", 1);
    const bias = weights["head.0.bias"];
    bias.assign(tf.sub(bias, tf.mean(forward(noise, { training: false }), [0, 1, 2])));
  });
}
