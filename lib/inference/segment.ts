/**
 * Segmenting a volume with a model, or with several together: slice by slice, on its own grid.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import {
  type AxisMap,
  IDENTITY,
  inverse,
  permuted,
  reordered,
  reorderedVoxels,
} from "../data/volumes/axis_map.ts";
import { MOST_BYTES } from "../data/formats/format.ts";
import { takeFrame } from "../data/volumes/frames.ts";
import { onGridOf } from "../data/volumes/match_grid.ts";
import type { DataSettings } from "../config/data_settings.ts";
import type { Config, InferenceSettings } from "../config/config.ts";
import {
  mostProbable,
  type PreparedVolume,
  prepareVolume,
  type SliceGrid,
} from "../data/slices/preprocess.ts";
import { expectWholeScans } from "../data/slices/midl2024.ts";
import type { Volume } from "../data/volumes/volume.ts";
import { type VoxelOrder, workingMap } from "../data/volumes/voxel_order.ts";
import { cleaned, type Cleaning } from "./cleaning.ts";
import { concatArrays } from "../io/concat_arrays.ts";
import { type PreparedModel, probabilityPlanes, runOnSlices } from "./probabilities.ts";

/** Told after every slice which share of them, in (0, 1], is segmented. */
export type SegmentationProgress = (share: number) => void;

/** Options of {@linkcode segmentVolume}. */
export interface SegmentVolumeOptions extends InferenceSettings {
  /** Told how far it is. */
  onProgress?: SegmentationProgress;
}

/**
 * Segments a prepared volume.
 *
 * @param model From slices [batch, size, size, channels] to class logits.
 * @param inference How; `prepareVolume` must have been given the same `window`.
 * @returns Labels in file order (x fastest) on the scan's own grid.
 * @throws {TypeError} If the volume was prepared for another `window`.
 */
export async function segmentVolume(
  model: Network,
  prepared: PreparedVolume,
  { onProgress, ...inference }: SegmentVolumeOptions,
): Promise<Uint8Array> {
  return await segmentTogether([{ model, slices: prepared, inference }], { onProgress });
}

/** Options of {@linkcode segmentTogether}. */
export interface SegmentTogetherOptions extends Pick<SegmentVolumeOptions, "onProgress"> {
  /** Receives the models' probabilities of each slice, added up: [height, width, classes]. */
  onPlane?: (sum: Float32Array, slice: number) => void;
}

/**
 * Segments a volume with several models: of every voxel, the class with the largest mean of their
 * probabilities. The mean is taken on the scan's own grid, slice by slice. There, models of any grids
 * meet; for those of one grid it is the same as before resampling, which is linear; and of each model
 * no more is held than a batch of slices. Where a model's grid does not reach, the others decide.
 *
 * @param members The models, each with the same volume prepared for it.
 * @returns as {@linkcode segmentVolume}.
 * @throws {TypeError} as {@linkcode segmentVolume}.
 * @throws {RangeError} if there is no model, they have other structures, or masks of them are to be
 * cleaned up in different ways.
 */
export async function segmentTogether(
  members: readonly PreparedModel[],
  { onProgress, onPlane }: SegmentTogetherOptions = {},
): Promise<Uint8Array> {
  const cleaning = cleaningOf(members.map(({ inference }) => inference));
  const { original: { width, height }, depth } = members[0].slices;
  const pixels = width * height;
  const labels = new Uint8Array(pixels * depth);
  const all = members.map(probabilityPlanes);
  for (let slice = 0; slice < depth; slice++) {
    const sum = await nextSum(all);
    labels.set(mostProbable(sum, sum.length / pixels), slice * pixels);
    onPlane?.(sum, slice);
    onProgress?.((slice + 1) / depth);
  }
  return cleaned(labels, [width, height, depth], cleaning);
}

/** A model, and how it segments. */
export interface Segmenter {
  /** From slices [batch, size, size, channels] to class logits. */
  model: Network;
  /** The configuration that it was trained with. */
  config: Pick<Config, "inference"> & {
    grid: SliceGrid;
    data?: Pick<DataSettings, "window"> & Partial<Pick<DataSettings, "protocol">>;
  };
}

/** Options of {@linkcode segmentScanTogether}. */
export interface SegmentScanTogetherOptions {
  /** The order of voxels that the model was trained in, `Dataset.order`; as stored by default. */
  order?: VoxelOrder;
  /** Which time point of a 4D scan, from 0; needed where there are several. */
  frame?: number;
  /** Told how far it is. */
  onProgress?: SegmentationProgress;
}

/** Options of {@linkcode segmentScan}. */
export interface SegmentScanOptions extends Pick<Segmenter, "config">, SegmentScanTogetherOptions {}

/**
 * Segments a scan as it was read: in the order of voxels that the model knows, and back in its own.
 *
 * @param model From slices [batch, size, size, channels] to class logits.
 * @param scan The scan; of several channels, one volume each, in the model's order.
 * @returns Labels in file order (x fastest) on the scan's own grid, for `writeNifti`.
 * @throws {RangeError} if the scan holds several frames and `frame` names none of them, its channels
 * are not as many as the model's or not on one grid, or the model was trained by a protocol that crops
 * scans about their masks.
 */
export async function segmentScan(
  model: Network,
  scan: Volume | readonly Volume[],
  { config, ...options }: SegmentScanOptions,
): Promise<Uint8Array> {
  return await segmentScanTogether([{ model, config }], scan, options);
}

/**
 * The same with several models of one order of voxels, see {@linkcode segmentTogether}.
 *
 * @param members The models; their structures and channels must be the same, their grids need not.
 */
export async function segmentScanTogether(
  members: readonly Segmenter[],
  scan: Volume | readonly Volume[],
  { order, frame, onProgress }: SegmentScanTogetherOptions,
): Promise<Uint8Array> {
  const { channels, shape, map } = turnedScan(scan, { order, frame });
  const prepared = members.map(({ model, config }) => {
    return { model, inference: config.inference, slices: preparedFor(config, channels) };
  });
  const labels = await segmentTogether(prepared, { onProgress });
  return reorderedVoxels(labels, shape, inverse(map));
}

/** What models say of a scan. */
export interface ScanProbabilities {
  /** Labels in file order, as {@linkcode segmentScan} gives them. */
  labels: Uint8Array;
  /**
   * The mean probability of every class, the background first, [x, y, z, class] with x fastest, on the
   * scan's own grid; from 0 to 1, together 1. Where no slice reaches, all is background.
   */
  probabilities: Float32Array;
}

/**
 * As {@linkcode segmentScanTogether}, with the probabilities that the labels come from, before these
 * are cleaned up.
 *
 * @param options `classes` is how many the models have, the background included.
 * @throws {RangeError} also if the probabilities would take more than 2 GiB.
 */
export async function segmentScanProbabilities(
  members: readonly Segmenter[],
  scan: Volume | readonly Volume[],
  { order, frame, onProgress, classes }: SegmentScanTogetherOptions & { classes: number },
): Promise<ScanProbabilities> {
  const { channels, shape, map } = turnedScan(scan, { order, frame });
  expectProbabilitiesFit(channels[0], classes);
  const voxels = shape[0] * shape[1] * shape[2];
  const probabilities = new Float32Array(voxels * classes);
  const onPlane = (sum: Float32Array, slice: number) => {
    const pixels = sum.length / classes;
    for (let pixel = 0; pixel < pixels; pixel++) {
      let total = 0;
      for (let c = 0; c < classes; c++) total += sum[pixel * classes + c];
      for (let c = 0; c < classes; c++) {
        const share = total > 0 ? sum[pixel * classes + c] / total : c === 0 ? 1 : 0;
        probabilities[c * voxels + slice * pixels + pixel] = share;
      }
    }
  };
  const prepared = members.map(({ model, config }) => {
    return { model, inference: config.inference, slices: preparedFor(config, channels) };
  });
  const labels = await segmentTogether(prepared, { onProgress, onPlane });
  const back = inverse(map);
  return {
    labels: reorderedVoxels(labels, shape, back),
    probabilities: reorderedVoxels(probabilities, [...shape, classes], back),
  };
}

/**
 * Makes sure that the probabilities of a scan fit into memory, and into a file.
 *
 * @throws {RangeError} if they would take more than 2 GiB.
 */
export function expectProbabilitiesFit(
  { source, shape: [x, y, z = 1] }: Volume,
  classes: number,
): void {
  const bytes = 4 * x * y * z * classes;
  if (bytes <= MOST_BYTES) return;
  throw new RangeError(
    `${source}: expected probabilities of at most ${MOST_BYTES} bytes, found ${bytes}: ${classes} ` +
      "classes in each voxel; write the mask alone",
  );
}

/** The most probable class of every pixel of the slices themselves: [depth, size, size]. */
export async function labelsOfSlices(
  model: Network,
  { images, channels, grid: { size } }: PreparedVolume,
): Promise<Uint8Array> {
  const read = (model: Network, x: tf.Tensor4D) =>
    tf.argMax(model.forward(x, { training: false }), 3);
  const parts = await Array.fromAsync(runOnSlices(model, { images, size, channels }, read));
  return concatArrays(parts, Uint8Array);
}

/**
 * What a model sees of a scan as it was read: its slices in the order of voxels that the model knows.
 *
 * @throws as {@linkcode segmentScan}.
 */
export function prepareScan(
  scan: Volume | readonly Volume[],
  { config, ...options }: Pick<SegmentScanOptions, "config" | "order" | "frame">,
): PreparedVolume {
  return preparedFor(config, turnedScan(scan, options).channels);
}

function preparedFor(
  { grid, inference: { window }, data }: Segmenter["config"],
  channels: readonly Volume[],
): PreparedVolume {
  expectWholeScans(data?.protocol);
  return prepareVolume(channels, grid, { window, scale: data?.window });
}

/** One time point of a scan's channels, all on the grid of the first, in an order of voxels. */
function turnedScan(
  scan: Volume | readonly Volume[],
  { order, frame }: Pick<SegmentScanTogetherOptions, "order" | "frame">,
): { channels: Volume[]; shape: [number, number, number]; map: AxisMap } {
  const [first, ...others] = ("voxels" in scan ? [scan] : scan)
    .map((channel) => takeFrame(channel, frame));
  const map = order ? workingMap(first, order) : IDENTITY;
  const channels = [first, ...others.map((channel) => onGridOf(channel, first, "channel"))]
    .map((channel) => reordered(channel, map));
  return { channels, shape: permuted(first.shape, map), map };
}

/** What several models say of the next slice, added up. */
async function nextSum(all: readonly AsyncGenerator<Float32Array>[]): Promise<Float32Array> {
  const [sum, ...others] = await Array.fromAsync(
    all,
    async (planes) => (await planes.next()).value,
  );
  for (const plane of others) {
    if (plane.length !== sum.length) throw new RangeError("expected models of the same structures");
    for (let i = 0; i < sum.length; i++) sum[i] += plane[i];
  }
  return sum;
}

/** How masks of some models are cleaned up, in which they have to agree. */
function cleaningOf(settings: readonly Cleaning[]): Cleaning {
  if (settings.length === 0) throw new RangeError("expected a model or more, found none");
  const [first] = settings;
  for (const setting of ["largestComponent", "fillHoles"] as const) {
    if (settings.every((one) => one[setting] === first[setting])) continue;
    throw new RangeError(
      `expected models that agree in inference.${setting}, found both; set it for all of them`,
    );
  }
  return first;
}
