/// <reference lib="dom" />
/** Scans as people have them, in the page and by `predict`. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { useBackend } from "../../lib/backends/select.ts";
import type { Structure } from "../../lib/data/datasets/dataset.ts";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import { decodeVolume } from "../../lib/data/formats/formats.ts";
import { encodeNrrd } from "../../lib/data/formats/nrrd/encode.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { stackSlices } from "../../lib/data/slices/slices.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { cohortOrder, workingMap } from "../../lib/data/volumes/voxel_order.ts";
import { encodeModelFile, modelFileOf } from "../../lib/export/model_file.ts";
import { adapt } from "../../lib/training/adapt.ts";
import { twinScan, volumeOf } from "../cases/cohort.ts";
import { withFolder } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { expectDone } from "../support/run_task.ts";
import { CHANNELS, STRUCTURES, twoChannelPatient } from "../support/two_channels.ts";
import { PLAIN_VIEWS, TINY } from "../training/tiny.ts";
import {
  choose,
  downloadedAs,
  drop,
  type NamedFile,
  niftiFile,
  pageTest,
  text,
} from "./served_page.ts";

/** Organs that only their side tells apart, with values that no byte holds. */
const TWINS: Structure[] = [
  { label: 1, name: "left", values: [17] },
  { label: 2, name: "right", values: [1005] },
];

/** A scan of one channel or two, with its mask. */
interface Example {
  channels: readonly Volume[];
  mask: Volume;
}

/** A model that learned some scans, as a file. */
async function modelOf(
  examples: readonly Example[],
  about: { structures: Structure[]; channels?: readonly string[]; size: number; spacing: number },
): Promise<Uint8Array<ArrayBuffer>> {
  await useBackend("simd");
  const { structures, channels, size, spacing } = about;
  const config = {
    ...TINY,
    grid: { size, spacing, axis: "auto" } as const,
    adaptation: { ...TINY.adaptation, iterations: 150, views: PLAIN_VIEWS },
  };
  const order = cohortOrder(examples.map(({ channels: [first] }) => first));
  const working = (volume: Volume) => reordered(volume, workingMap(volume, order));
  const slices = stackSlices(
    examples.map(({ channels, mask }) =>
      prepareVolume(channels.map(working), config.grid, { mask: working(mask) })
    ),
  );
  const classes = structures.length + 1;
  const checkpoint = await adapt(slices, config, { strategy: "scratch", classes });
  return encodeModelFile(modelFileOf(checkpoint, { config, structures, channels, order }));
}

function twins(seed: number): Example {
  const { image, labels } = twinScan(seed);
  return { channels: [volumeOf(image)], mask: volumeOf(labels) };
}

/** What `predict` writes of scans with a model, by the masks' names; inflated. */
async function predicted(
  model: Uint8Array,
  files: readonly NamedFile[],
  inputs: (dir: string) => readonly string[],
): Promise<Map<string, Uint8Array>> {
  const masks = new Map<string, Uint8Array>();
  await withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/scans`);
    await Deno.writeFile(`${dir}/model.safetensors`, model);
    for (const { name, bytes } of files) await Deno.writeFile(`${dir}/scans/${name}`, bytes);
    const named = inputs(`${dir}/scans`).flatMap((input) => ["--input", input]);
    const from = ["--model", `${dir}/model.safetensors`, "--backend", "simd"];
    await expectDone("predict", ...from, ...named, "--out", `${dir}/masks`);
    for (const { name } of Deno.readDirSync(`${dir}/masks`)) {
      if (["report.html", "masks.jsonl"].includes(name)) continue;
      const bytes = Deno.readFileSync(`${dir}/masks/${name}`);
      masks.set(name, name.endsWith(".gz") ? new Uint8Array(gunzipSync(bytes)) : bytes);
    }
  });
  return masks;
}

/** Every kind of swap, flips of every axis. */
const SOME_ORDERS = [1, 10, 19, 28, 37, 46];

pageTest("the page segments scans in any order and format as predict does", async ({
  page,
  errors,
}) => {
  const model = await modelOf([twins(0), twins(1)], { structures: TWINS, size: 40, spacing: 3.2 });
  const { channels: [scan] } = twins(2);
  const stored = SOME_ORDERS.map((order) => reordered(scan, ALL_ORDERS[order]));
  const files = stored.map((volume, i) => niftiFile(`scan${SOME_ORDERS[i]}.nii.gz`, volume));
  files.push({ name: "other.nrrd", bytes: await encodeNrrd(scan.voxels, scan) });
  const expected = await predicted(model, files, (dir) => [dir]);
  assert.equal(expected.size, files.length);

  await page.selectOption("#backend", "simd");
  await choose(page, "model", { name: "twins.safetensors", bytes: model });
  const views = new Set<string>();
  for (const file of files) {
    await choose(page, "scan", file);
    const name = file.name.replace(/(\.nii\.gz|\.nrrd)$/, "_mask$1");
    const bytes = await downloadedAs(page, name);
    const [found, right] = await Promise.all(
      [bytes, expected.get(name)!].map((content) => decodeVolume(content, name)),
    );
    assert.deepEqual(found, right);
    if (name.endsWith(".gz")) assert.deepEqual(bytes, expected.get(name));
    const counts = TWINS.map(({ values }) =>
      found.voxels.filter((one) => one === values?.[0]).length
    );
    assert.ok(counts.every((count) => count > 300), `${name}: ${counts}`);
    views.add(await page.$eval("#canvas", (canvas) => (canvas as HTMLCanvasElement).toDataURL()));
    if (file === files[0]) {
      assert.match(await text(page, "warnings"), /Stored LAS, others RAS: brought to one order\./);
    }
  }
  assert.equal(views.size, 1);
  assert.deepEqual(errors, []);
});

pageTest("the page takes the files of a scan's channels together, and shows either", async ({
  page,
  errors,
}) => {
  const [first, second, { channels }] = [0, 1, 2].map(twoChannelPatient);
  const about = { structures: STRUCTURES, channels: CHANNELS, size: 24, spacing: 2 };
  const model = await modelOf([first, second], about);
  const files = channels.map((channel, i) => niftiFile(`p_000${i}.nii.gz`, channel));
  const masks = await predicted(model, files, (dir) => files.map(({ name }) => `${dir}/${name}`));
  const mask = masks.get("p_0000_mask.nii.gz")!;
  const { voxels } = await decodeVolume(mask, "mask");
  for (const { label } of STRUCTURES) assert.ok(voxels.includes(label));
  await page.selectOption("#backend", "simd");
  await choose(page, "scan", files[0]);
  await choose(page, "model", { name: "two.safetensors", bytes: model });
  await page.waitForSelector("#error:not(:empty)");
  assert.equal(
    await text(page, "error"),
    "expected 2 files, chosen together, for the model's channels T1, T2; found 1: p_0000.nii.gz",
  );
  assert.equal(
    await text(page, "model-name"),
    "two.safetensors: cyst, lesion, from the channels T1, T2",
  );
  await drop(page, "body", ...files.toReversed());
  assert.deepEqual(await downloadedAs(page, "p_0000_mask.nii.gz"), mask);
  assert.match(await text(page, "scan-name"), /^p_0001\.nii\.gz, p_0000\.nii\.gz: 24 × 24 × 4 /);
  assert.equal(await text(page, "channels"), "Channels: T1 is p_0000.nii.gz, T2 is p_0001.nii.gz.");

  await page.uncheck("#masked");
  const pixels = () =>
    page.$eval("#canvas", (canvas) => {
      const context = (canvas as HTMLCanvasElement).getContext("2d")!;
      return [...context.getImageData(0, 0, 24, 24).data];
    });
  const t1 = await pixels();
  await page.selectOption("#channel", "T2");
  assert.notDeepEqual(await pixels(), t1);

  // The same, along the fourth axis of one file.
  const all = Int16Array.from(channels.flatMap((channel) => [...channel.voxels]));
  const both = { ...channels[0], voxels: all, shape: [...channels[0].shape, 2] };
  await choose(page, "scan", niftiFile("both.nii.gz", both));
  assert.deepEqual(await downloadedAs(page, "both_mask.nii.gz"), mask);
  assert.equal(await page.isVisible("#frame"), false);
  assert.equal(await page.inputValue("#channel"), "T1");
  assert.deepEqual(errors, []);
});
