/** Small cohorts that a network learns in a second, to be made odd in one way each. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { disposeWeights, type Network } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import { labelledSlicesOf, loadCohort } from "../../lib/data/slices/cohort.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { geometryOf } from "../../lib/data/formats/grid.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import type { Affine, Volume, Voxels } from "../../lib/data/volumes/volume.ts";
import { writeMask } from "../../lib/data/volumes/write_mask.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import { summarise } from "../../lib/evaluators/summary.ts";
import { random } from "../../lib/math/random.ts";
import { adapt } from "../../lib/training/adapt.ts";
import { segmentationModel } from "../../lib/training/weights/segmentation_model.ts";

/** Voxels of a scan. */
export const SHAPE = [40, 40, 6] as const;

/** Millimetres of a voxel; slices are thick. */
export const SPACING = [3.2, 3.2, 8] as const;

/** The affine of a scan in the order RAS. */
export const RAS: Affine = [[3.2, 0, 0, 0], [0, 3.2, 0, 0], [0, 0, 8, 0], [0, 0, 0, 1]];

/** An image and its labels, x fastest. */
export interface Pair {
  image: Float32Array;
  labels: Uint8Array;
}

/** A disc (2) in a ring (1), anywhere about the middle, and a bright edge on the left. */
export function ringScan(seed: number): Pair {
  const source = random("ring", seed);
  const [cx, cy] = [16 + source.uniform(-3, 3), 22 + source.uniform(-3, 3)];
  return drawn((x, y) => {
    const distance = Math.hypot(x - cx, y - cy);
    const label = distance < 5 ? 2 : distance < 9 ? 1 : 0;
    return [label, [200, 700, 1100][label] + 50 * source.normal() + (x < 3 ? 500 : 0)];
  });
}

/** Two organs that look alike: 1 on one side, 2 on the other. */
export function twinScan(seed: number): Pair {
  const source = random("twin", seed);
  const centres = [11, 29].map((x) => [x + source.uniform(-2, 2), 14 + source.uniform(-2, 2)]);
  return drawn((x, y) => {
    const label = centres.findIndex(([cx, cy]) => Math.hypot(x - cx, y - cy) < 6) + 1;
    return [label, (label ? 900 : 200) + 50 * source.normal()];
  });
}

/** Draws a scan voxel by voxel. */
export function drawn(
  voxel: (x: number, y: number, z: number) => readonly [label: number, value: number],
): Pair {
  const [width, height, depth] = SHAPE;
  const length = width * height * depth;
  const pair = { image: new Float32Array(length), labels: new Uint8Array(length) };
  for (let i = 0; i < length; i++) {
    const [label, value] = voxel(
      i % width,
      Math.floor(i / width) % height,
      Math.floor(i / (width * height)),
    );
    pair.labels[i] = label;
    pair.image[i] = value;
  }
  return pair;
}

/** Voxels as a volume that lies where an affine says. */
export function volumeOf(
  voxels: Voxels,
  { affine = RAS, shape = SHAPE, spacing = SPACING, told = true }: {
    affine?: Affine;
    shape?: readonly number[];
    spacing?: readonly [number, number, number];
    told?: boolean;
  } = {},
): Volume {
  const geometry = { ...geometryOf(affine, shape), sformCode: told ? 1 : 0 };
  return { voxels, shape, spacing, affine, geometry, source: "made", warnings: [] };
}

/** The ring that a seed gives, as volumes. */
export function ring(seed: number): { image: Volume; mask: Volume } {
  const { image, labels } = ringScan(seed);
  return { image: volumeOf(image), mask: volumeOf(labels) };
}

/** A volume with other voxels, each made of the old one and of its place along the third axis. */
export function mapped(
  volume: Volume,
  change: (value: number, slice: number) => number,
  type: {
    from(values: ArrayLike<number>, map: (value: number, i: number) => number): Voxels;
  } = Int16Array,
): Volume {
  const pixels = volume.shape[0] * volume.shape[1];
  const voxels = type.from(volume.voxels, (value, i) => change(value, Math.floor(i / pixels)));
  return { ...volume, voxels };
}

/** Writes a volume in the format that the path ends in, making its folder. */
export async function save(path: string, volume: Volume): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeMask(path, volume.voxels, volume);
}

/** How the files of a cohort are made. */
export interface CohortOptions {
  /** Number of patients, c0, c1, …; 5 by default. */
  patients?: number;
  /** Draws a patient; {@linkcode ringScan} by default. */
  draw?: (seed: number) => Pair;
  /** What becomes of an image and a mask before they are written. */
  image?: (volume: Volume, patient: number) => Volume;
  mask?: (volume: Volume, patient: number) => Volume | undefined;
}

/** Writes a cohort into `images` and `labels`. */
export async function writeCohort(
  dir: string,
  { patients = 5, draw = ringScan, image = same, mask = same }: CohortOptions = {},
): Promise<void> {
  for (let patient = 0; patient < patients; patient++) {
    const pair = draw(patient);
    await save(`${dir}/images/c${patient}.nii.gz`, image(volumeOf(pair.image), patient));
    const labels = mask(volumeOf(pair.labels), patient);
    if (labels) await save(`${dir}/labels/c${patient}.nii.gz`, labels);
  }
}

function same(volume: Volume): Volume {
  return volume;
}

/** A small network on the scans' own pixels. */
export function caseConfig(...set: string[]): Config {
  return resolveConfig("pix2rep-demo", {
    set: [
      ...["grid.size=40", "backbone.widths=[8,16,16]", "backbone.features=8"],
      ...["adaptation.iterations=60", "adaptation.batch=3"],
      ...["adaptation.scratch.learningRate=0.01", ...set],
    ],
  });
}

/** Opens a dataset as a task would. */
export async function openCase(dir: string, { data, grid }: Config): Promise<Dataset> {
  return await openDataset(dir, { data, axis: grid.axis });
}

/** Trains from scratch on some patients of a dataset. */
export async function trainOn(
  dataset: Dataset,
  patients: readonly string[],
  config: Config,
): Promise<Network> {
  const { grid } = config;
  const scans = await loadCohort(dataset, patients, { grid, labelled: true, window: "labels" });
  const { slices } = labelledSlicesOf(scans);
  const classes = dataset.structures.length + 1;
  const checkpoint = await adapt(slices, config, { strategy: "scratch", classes });
  return segmentationModel(checkpoint, { config, classes });
}

/** The mean Dice of a model on some patients. */
export async function diceOn(
  model: Network,
  dataset: Dataset,
  { patients, config }: { patients: readonly string[]; config: Config },
): Promise<number> {
  const { grid, inference } = config;
  const scans = await loadCohort(dataset, patients, {
    grid,
    labelled: true,
    window: inference.window,
  });
  const records = await evaluateModel(model, scans, { ...dataset, inference });
  return summarise(records).mean.dice ?? NaN;
}

/** Trains on c1 and c3 of a folder and tests on c0 and c2. */
export async function learned(dir: string, config = caseConfig()): Promise<number> {
  const dataset = await openCase(dir, config);
  const model = await trainOn(dataset, ["c1", "c3"], config);
  const dice = await diceOn(model, dataset, { patients: ["c0", "c2"], config });
  disposeWeights(model.weights);
  return dice;
}

/** A network that finds the first structure where a scan is bright, and never another. */
export const bright: Network = {
  weights: {},
  forward: (x) => tf.concat([tf.sub(0.5, x), tf.sub(x, 0.5), tf.fill(x.shape, -9)], 3),
};

/** Those whom {@linkcode ringModel} is tested on. */
export const TESTED = [0, 2];

/** A network that learned rings, and how well it finds those of {@linkcode TESTED}. */
interface RingModel {
  model: Network;
  dice: number;
}

let rings: Promise<RingModel> | undefined;

/** A network that learned rings of a plain folder: one for all tests of a file. */
export function ringModel(): Promise<RingModel> {
  return rings ??= learnRings();
}

async function learnRings(): Promise<RingModel> {
  const config = caseConfig();
  const dir = await Deno.makeTempDir();
  try {
    await writeCohort(dir, { patients: 4 });
    const dataset = await openCase(dir, config);
    const model = await trainOn(dataset, ["c1", "c3"], config);
    const patients = TESTED.map((seed) => `c${seed}`);
    const dice = await diceOn(model, dataset, { patients, config });
    assert.ok(dice > 0.95, `rings are not learned: ${dice}`);
    return { model, dice };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Opens a dataset of the rings {@linkcode TESTED}, and expects it read as a plain folder of them. */
export async function expectRings(
  dir: string,
  { config = caseConfig(), tolerance = 0 }: { config?: Config; tolerance?: number } = {},
): Promise<Dataset> {
  const { model, dice } = await ringModel();
  const dataset = await openCase(dir, config);
  const patients = dataset.patients.map(({ id }) => id);
  assert.equal(patients.length, TESTED.length, `${patients}`);
  const found = await diceOn(model, dataset, { patients, config });
  assert.ok(Math.abs(found - dice) <= tolerance, `Dice ${found}, not ${dice}`);
  return dataset;
}
