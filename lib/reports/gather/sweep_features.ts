/**
 * The pixel features that a sweep's report lets its readers compare.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { disposeWeights, type Network } from "../../backbones/weights.ts";
import { withoutIgnored } from "../../data/masks/labels.ts";
import { type SliceStack, stackSlices, takeChannel, takeSlices } from "../../data/slices/slices.ts";
import { compactFeatures, expandFeatures } from "../../analysis/compact_features.ts";
import { componentColours, type PixelFeatures } from "../../analysis/feature_maps.ts";
import { plannedPretrainings, pretrainingName } from "../../experiments/sweep/plan.ts";
import { imageTensor } from "../../training/batches.ts";
import { hasCheckpoint } from "../../runs/kept_checkpoints.ts";
import { pretrainedBackbone } from "../../training/weights/pretrained_backbone.ts";
import { openRun } from "../../runs/run_folder.ts";
import { type FeatureViews, type PretrainedFeatures, scanTitle } from "../inputs/report_input.ts";
import type { ShownScan, SweepFolder } from "./sweep_slices.ts";

/** Slices, each of another patient. */
const SLICES = 4;
/** Pixels per side, at most; larger slices are averaged. */
const SIZE = 64;
/** Bytes of the features of all pretrainings together, before they are compressed. */
const BYTES = 1_500_000;
/** Axes that are kept of each, at most, and at least. */
const AXES = [4, 32] as const;

/** The features that each pretraining gives to middle slices of some shown patients. */
export async function sweepFeatures(
  { out, plan }: SweepFolder,
  shown: readonly ShownScan[],
): Promise<FeatureViews> {
  const firstScans = [...Map.groupBy(shown, ({ scan }) => scan.patient).values()]
    .slice(0, SLICES).map(([first]) => first);
  const slices = takeSlices(
    stackSlices(firstScans.map(({ slices }) => slices)),
    middles(firstScans.map(({ numbers }) => numbers.length)),
  );
  const small = shrink(takeChannel(slices));
  const folders = plannedPretrainings(plan)
    .map((config) => ({ name: pretrainingName(config), dir: folderOf(out, config) }))
    // One that was taken over from another sweep has left its weights there.
    .filter(({ dir }) => hasCheckpoint(dir));
  const pixels = folders.length * small.images.length;
  const axes = Math.max(AXES[0], Math.min(AXES[1], Math.floor(BYTES / pixels)));
  const pretrainings: PretrainedFeatures[] = [];
  for (const { name, dir } of folders) {
    const features = await featuresOf(dir, slices);
    const compact = compactFeatures(features, axes);
    const colours = componentColours(expandFeatures(compact));
    pretrainings.push({ ...compact, name, colours, all: features.dimensions });
  }
  return {
    size: small.size,
    titles: firstScans.map(({ scan, numbers }) =>
      `${scanTitle(scan)}, slice ${numbers[numbers.length >> 1] + 1}`
    ),
    images: small.images,
    labels: withoutIgnored(small.labels!),
    pretrainings,
  };
}

function folderOf(out: string, config: Parameters<typeof pretrainingName>[0]): string {
  return join(out, "pretraining", pretrainingName(config));
}

/** The positions of the middle slices of scans that are stacked. */
function middles(depths: readonly number[]): number[] {
  let start = 0;
  return depths.map((depth) => {
    start += depth;
    return start - depth + (depth >> 1);
  });
}

/** The features of all pixels of a pretraining's backbone, on the grid of {@linkcode shrink}. */
async function featuresOf(dir: string, slices: SliceStack): Promise<PixelFeatures> {
  const { config, checkpoint } = await openRun(dir);
  const backbone = pretrainedBackbone(checkpoint, { config, source: dir });
  const parts: Float32Array[] = [];
  for (let slice = 0; slice < slices.count; slice++) {
    parts.push(await sliceFeatures(backbone, takeSlices(slices, [slice])));
  }
  disposeWeights(backbone.weights);
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.forEach((part, slice) => values.set(part, slice * part.length));
  return { values, dimensions: backbone.features };
}

async function sliceFeatures(backbone: Network, slice: SliceStack): Promise<Float32Array> {
  const z = tf.tidy(() => averaged(backbone.forward(imageTensor(slice), { training: false })));
  const values = await z.data<"float32">();
  z.dispose();
  return values;
}

/** Slices of no more than so many pixels per side: images averaged, labels from amid the average. */
function shrink(slices: SliceStack): SliceStack {
  const { size, labels } = slices;
  const factor = factorOf(size);
  const side = Math.floor(size / factor);
  const small = tf.tidy(() => averaged(imageTensor(slices)));
  const averages = small.dataSync<"float32">();
  small.dispose();
  const middle = factor >> 1;
  const taken = Uint8Array.from({ length: averages.length }, (_, i) => {
    const [x, y, slice] = [i % side, Math.floor(i / side) % side, Math.floor(i / side ** 2)];
    return labels![(slice * size + y * factor + middle) * size + x * factor + middle];
  });
  return { ...slices, size: side, images: averages, labels: taken };
}

function averaged(z: tf.Tensor4D): tf.Tensor4D {
  const factor = factorOf(z.shape[1]);
  return factor === 1 ? z : tf.avgPool(z, factor, factor, "valid");
}

/** Pixels to a side that become one. */
function factorOf(size: number): number {
  return Math.ceil(size / SIZE);
}
