import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useBackend } from "../../lib/backends/select.ts";
import { inverse, permuted, reordered, reorderedVoxels } from "../../lib/data/volumes/axis_map.ts";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import { prepareVolume, restoreMask } from "../../lib/data/slices/preprocess.ts";
import { readChannels } from "../../lib/data/datasets/read_scan.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { workingMap } from "../../lib/data/volumes/voxel_order.ts";
import { decodeModelFile, type ModelFile } from "../../lib/export/model_file.ts";
import { withFolder } from "../support/datasets.ts";
import { openOnnx } from "../support/onnxruntime.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { expectDone, runTask } from "../support/run_task.ts";
import {
  CHANNELS,
  STRUCTURES,
  twoChannelPatient,
  writeTwoChannels,
} from "../support/two_channels.ts";

/** A small network on the phantom's own pixels. */
const SETTINGS = [
  "grid.size=24",
  "grid.spacing=2",
  "backbone.widths=[8,16]",
  "backbone.features=16",
  "projection.width=8",
  "loss.pixels=50",
  "adaptation.iterations=30",
].flatMap((setting) => ["--set", setting]);

/** How much two channels are to be above one. */
const GAIN = 0.3;

/** The mean Dice of a model that is pretrained, trained and tested on some of the channels. */
async function diceOf(data: string, run: string, channels: readonly string[]): Promise<number> {
  const set = ["--set", `data.channels=${JSON.stringify(channels)}`, "--seed", "1"];
  const settings = ["--data", data, "--preset", "pix2rep-demo", ...SETTINGS, ...set];
  await expectDone("pretrain", ...settings, "--steps", "10", "--out", `${run}-pretrained`);
  const rates = ["backboneLearningRate", "headLearningRate"].flatMap((name) => [
    ...["--set", `adaptation.finetune.${name}=0.01`],
  ]);
  const from = ["--pretrained", `${run}-pretrained`, ...rates, "--patients", "4"];
  await expectDone("finetune", "--data", data, ...from, "--out", run);
  return JSON.parse(await expectDone("evaluate", "--data", data, "--model", run, "--json")).mean
    .dice;
}

/** A mask by onnxruntime from an exported network, everything else by what the file says. */
async function onnxMask(
  onnx: Uint8Array,
  { config: { grid }, order }: ModelFile,
  scan: readonly Volume[],
): Promise<Uint8Array> {
  assert.ok(order);
  const map = workingMap(scan[0], order);
  const prepared = prepareVolume(scan.map((channel) => reordered(channel, map)), grid);
  const { images, depth, channels } = prepared;
  const { run, release } = await openOnnx(onnx);
  const x = tf.tensor4d(images, [depth, grid.size, grid.size, channels]);
  const { values, dims: [, classes] } = await run(x, "logits");
  const y = tf.tidy(() => {
    const logits = tf.tensor4d(values, [depth, classes, grid.size, grid.size]);
    return tf.softmax(tf.transpose(logits, [0, 2, 3, 1]));
  });
  const labels = restoreMask(await y.data<"float32">(), prepared);
  tf.dispose([x, y]);
  await release();
  return reorderedVoxels(labels, permuted(scan[0].shape, map), inverse(map));
}

/** Writes a new scan, each channel stored in another order; returns its files. */
async function writeScan(dir: string): Promise<string[]> {
  const { channels } = twoChannelPatient(20);
  const files = CHANNELS.map((name) => `${dir}/new_${name}.nii.gz`);
  for (const [i, channel] of channels.entries()) {
    const stored = reordered(channel, ALL_ORDERS[[29, 14][i]]);
    await writeNifti(files[i], stored.voxels, stored);
  }
  return files;
}

Deno.test("two channels find what neither does alone, from the run and from every export", (t) =>
  withFolder(async (dir) => {
    const [data, both] = [`${dir}/phantom`, `${dir}/both`];
    await writeTwoChannels(data, { patients: 8 });

    await t.step("Dice is 0.3 above that of either", async () => {
      const dice = await diceOf(data, both, CHANNELS);
      for (const name of CHANNELS) {
        const alone = await diceOf(data, `${dir}/${name}`, [name]);
        assert.ok(dice > alone + GAIN, `${dice} with both, ${alone} with ${name} alone`);
      }
    });

    await t.step("the run, safetensors and ONNX give the same mask", async () => {
      const [safetensors, onnx] = ["safetensors", "onnx"].map((format) => `${dir}/both.${format}`);
      for (const out of [safetensors, onnx]) {
        const format = out.slice(out.lastIndexOf(".") + 1);
        await expectDone("export", "--model", both, "--format", format, "--out", out);
      }
      const files = await writeScan(dir);
      const inputs = files.flatMap((file) => ["--input", file]);
      const masks = [both, safetensors].map(async (model, i) => {
        const out = `${dir}/masks-${i}`;
        await expectDone("predict", "--model", model, ...inputs, "--out", out);
        return (await readVolume(`${out}/new_T1_mask.nii.gz`)).voxels;
      });
      const [ofRun, ofFile] = await Promise.all(masks);
      for (const { label } of STRUCTURES) assert.ok(ofRun.includes(label), `${label}`);
      assert.deepEqual(ofFile, ofRun);
      await useBackend("cpu");
      const model = decodeModelFile(await Deno.readFile(safetensors), safetensors);
      const scan = await readChannels({
        image: files[0],
        channels: files.map((path) => ({ path })),
      });
      assert.deepEqual(await onnxMask(await Deno.readFile(onnx), model, scan), ofRun);
    });

    await t.step("a file with more or fewer volumes than channels is refused", async () => {
      const [first] = twoChannelPatient(20).channels;
      for (const count of [1, 3]) {
        const voxels = Int16Array.from(Array(count).fill([...first.voxels]).flat());
        const path = `${dir}/all.nii.gz`;
        await writeNifti(path, voxels, { ...first, shape: [...first.shape, count] });
        const { code, stderr } = await runTask("predict", "--model", both, "--input", path);
        assert.equal(code, 1);
        assert.match(stderr, RegExp(`all.nii.gz: expected the 2 channels T1, T2; found ${count}`));
      }
    });
  }));
