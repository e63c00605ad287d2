/** Datasets of other formats than NIfTI, mixed ones, and pictures. */
import { decode, encode } from "fast-png";
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { labelsToValues } from "../../lib/data/masks/labels.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { writeMask } from "../../lib/data/volumes/write_mask.ts";
import { maskName } from "../../lib/inference/mask_name.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import { random } from "../../lib/math/random.ts";
import { withFolder } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { onCpu } from "../training/tiny.ts";
import {
  caseConfig,
  diceOn,
  expectRings,
  openCase,
  ring,
  ringModel,
  ringScan,
  save,
  SHAPE,
  TESTED,
  trainOn,
} from "./cohort.ts";

/** Masks of a patient by a network, written as predict does, as bytes. */
async function predicted(dataset: Dataset, dir: string): Promise<{ name: string; mask: Volume }> {
  const { model } = await ringModel();
  const [{ image }] = dataset.patients[0].scans;
  const scan = await readVolume(image);
  const found = await segmentScan(model, scan, { config: caseConfig(), order: dataset.order });
  const path = `${dir}/${maskName(image.slice(dirname(image).length + 1))}`;
  await writeMask(path, labelsToValues(found, dataset), scan);
  return { name: path.slice(dir.length + 1), mask: await readVolume(path) };
}

/** Endings of images and of their masks, and of the masks that are written of such images. */
const pairs = [
  [".nii.gz", ".nrrd", ".nii.gz"],
  [".nrrd", ".nrrd", ".nrrd"],
  [".mha", ".nii.gz", ".mha"],
  [".mgz", ".mha", ".mgz"],
  [".nrrd", ".mgh", ".nrrd"],
];

for (const [ofImage, ofMask, written] of pairs) {
  Deno.test(
    `scans in ${ofImage} with masks in ${ofMask}, each in another order of voxels, are one cohort`,
    onCpu(() =>
      withFolder(async (dir) => {
        for (const [i, seed] of TESTED.entries()) {
          const { image, mask } = ring(seed);
          const [first, second] = [ALL_ORDERS[20 * i], ALL_ORDERS[7 + 30 * i]];
          await save(`${dir}/data/images/c${seed}${ofImage}`, reordered(image, first));
          await save(`${dir}/data/labels/c${seed}${ofMask}`, reordered(mask, second));
        }
        // A plain scan more, so that most are stored as the model's were.
        await save(`${dir}/data/images/c9${ofImage}`, ring(9).image);
        const config = caseConfig();
        const dataset = await openCase(`${dir}/data`, config);
        const { model, dice } = await ringModel();
        const found = await diceOn(model, dataset, { patients: ["c0", "c2"], config });
        assert.ok(Math.abs(found - dice) < 1e-3, `Dice ${found}, not ${dice}`);
        const { errors, scans } = await checkDataset(dataset);
        assert.equal(errors, 0);
        assert.match(scans[1].warnings.join(), /Stored ARI, others RAS/);
        const { name, mask } = await predicted(dataset, dir);
        assert.equal(name, `c0_mask${written}`);
        const { shape, affine } = await readVolume(`${dir}/data/images/c0${ofImage}`);
        assert.deepEqual([mask.shape, mask.affine], [shape, affine]);
      })
    ),
  );
}

Deno.test(
  "a dataset of several formats is read as of one, and a picture beside a volume is left out",
  onCpu(() =>
    withFolder(async (dir) => {
      for (const [i, seed] of TESTED.entries()) {
        const { image, mask } = ring(seed);
        await save(`${dir}/images/c${seed}${[".nii", ".mha"][i]}`, image);
        await save(`${dir}/labels/c${seed}${[".nrrd", ".nii.gz"][i]}`, mask);
      }
      await savePicture(`${dir}/images/c0.png`, ringScan(0).labels, 1);
      const { unused } = await expectRings(dir, { tolerance: 1e-3 });
      assert.deepEqual(unused?.map(({ path }) => path), [`${dir}/images/c0.png`]);
    })
  ),
);

const [WIDTH, HEIGHT] = SHAPE;

/** Writes a slice as PNG, each pixel of `channels` bytes. */
async function savePicture(path: string, pixels: ArrayLike<number>, channels: 1 | 3) {
  await mkdir(dirname(path), { recursive: true });
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => pixels[i]);
  await Deno.writeFile(path, encode({ width: WIDTH, height: HEIGHT, data, channels }));
}

/** A stained slice in which a cell is told by its colour alone, and its mask of 0 and 255. */
function stained(seed: number): { pixels: Uint8Array; mask: Uint8Array } {
  const source = random("stained", seed);
  const centres = [[12, 12], [28, 12], [12, 28], [28, 28]]
    .map((at) => at.map((middle) => middle + source.uniform(-2, 2)));
  const cells = source.shuffle([0, 1, 2, 3]).slice(0, 2);
  const mask = new Uint8Array(WIDTH * HEIGHT);
  const pixels = new Uint8Array(3 * mask.length);
  for (let i = 0; i < mask.length; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const at = centres.findIndex(([cx, cy]) => Math.hypot(x - cx, y - cy) < 5);
    if (cells.includes(at)) mask[i] = 255;
    // Cells are red, what is none is blue, and both are as bright.
    const colour = at < 0 ? [60, 60, 60] : cells.includes(at) ? [200, 60, 60] : [60, 60, 200];
    pixels.set(colour.map((value) => value + source.integer(20)), 3 * i);
  }
  return { pixels, mask };
}

Deno.test(
  "a folder of coloured PNG is learned by its colours, masks of 0 and 255 are written so, as PNG",
  onCpu(() =>
    withFolder(async (dir) => {
      for (let seed = 0; seed < 10; seed++) {
        const { pixels, mask } = stained(seed);
        await savePicture(`${dir}/data/images/s${seed}.png`, pixels, 3);
        await savePicture(`${dir}/data/masks/s${seed}_mask.png`, mask, 1);
      }
      const config = caseConfig("grid.spacing=1");
      const dataset = await openCase(`${dir}/data`, config);
      assert.equal(dataset.patients.length, 10);
      assert.equal(dataset.channels?.length, 3);
      const taught = dataset.patients.map(({ id }) => id).slice(2);
      const model = await trainOn(dataset, taught, config);
      const dice = await diceOn(model, dataset, { patients: ["s0", "s1"], config });
      assert.ok(dice > 0.9, `${dice}`);
      const [{ image, channels = [] }] = dataset.patients[0].scans;
      const whole = await readVolume(image);
      const planes = channels.map((_, i) => ({
        ...whole,
        shape: [WIDTH, HEIGHT, 1],
        voxels: whole.voxels.subarray(i * WIDTH * HEIGHT, (i + 1) * WIDTH * HEIGHT),
      }));
      const found = await segmentScan(model, planes, { config, order: dataset.order });
      disposeWeights(model.weights);
      const path = `${dir}/${maskName("s0.png")}`;
      await writeMask(path, labelsToValues(found, dataset), whole);
      const { width, height, data } = decode(await Deno.readFile(path));
      assert.deepEqual([path, width, height], [`${dir}/s0_mask.png`, WIDTH, HEIGHT]);
      assert.deepEqual([...new Set(data)].sort(), [0, 255]);
      const both = data.filter((value, i) => value && stained(0).mask[i]).length;
      const either = data.filter(Boolean).length + stained(0).mask.filter(Boolean).length;
      assert.ok(2 * both / either > 0.9);
    })
  ),
);

Deno.test(
  "grey PNG slices are a 2D dataset; a broken one is told by name, the others are reported",
  onCpu(() =>
    withFolder(async (dir) => {
      for (const seed of TESTED) {
        const { image, labels } = ringScan(seed);
        await savePicture(`${dir}/images/c${seed}.png`, image.map((value) => value / 8), 1);
        await savePicture(`${dir}/labels/c${seed}.png`, labels, 1);
      }
      const config = caseConfig("grid.spacing=1");
      const dataset = await openCase(dir, config);
      const { model } = await ringModel();
      const dice = await diceOn(model, dataset, { patients: ["c0", "c2"], config });
      assert.ok(dice > 0.9, `${dice}`);
      await Deno.writeFile(`${dir}/images/c5.png`, Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10));
      const { scans, errors } = await checkDataset(await openCase(dir, config));
      assert.equal(errors, 1);
      assert.match(scans[2].error ?? "", /images\/c5\.png: expected a whole PNG file.*truncated/);
      assert.deepEqual(scans.map(({ shape }) => shape), [[40, 40, 1], [40, 40, 1], undefined]);
    })
  ),
);

Deno.test("a grey picture among coloured ones has its grey in each colour", () =>
  withFolder(async (dir) => {
    const { pixels, mask } = stained(0);
    await savePicture(`${dir}/images/a.png`, pixels, 3);
    await savePicture(`${dir}/images/b.png`, mask, 1);
    const { scans, channels, errors } = await checkDataset(await openCase(dir, caseConfig()));
    assert.equal(errors, 0);
    assert.deepEqual(channels, ["red", "green", "blue"]);
    assert.deepEqual(scans[1].intensities, [[0, 255], [0, 255], [0, 255]]);
  }));

Deno.test("a scan of several volumes that nobody named is refused by check-data as by training", () =>
  withFolder(async (dir) => {
    for (const seed of TESTED) {
      const { image, mask } = ring(seed);
      const voxels = Float32Array.from([...image.voxels, ...image.voxels]);
      await save(`${dir}/images/c${seed}.nrrd`, { ...image, voxels, shape: [...SHAPE, 2] });
      await save(`${dir}/labels/c${seed}.nii.gz`, mask);
    }
    const config = caseConfig();
    const dataset = await openCase(dir, config);
    const says = /c0\.nrrd: expected a 3D volume, found 2 volumes .*NAME_0000/;
    const { scans, errors } = await checkDataset(dataset);
    assert.equal(errors, 2);
    assert.match(scans[0].error ?? "", says);
    await assert.rejects(trainOn(dataset, ["c0", "c2"], config), says);
  }));
