/**
 * Segmenting a volume: slice by slice, then back onto its own grid.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import {
  IDENTITY,
  inverse,
  permuted,
  reordered,
  reorderedVoxels,
} from "../data/volumes/axis_map.ts";
import { takeFrame } from "../data/volumes/frames.ts";
import { onGridOf } from "../data/volumes/match_grid.ts";
import type { DataSettings } from "../config/data_settings.ts";
import type { Config, InferenceSettings } from "../config/config.ts";
import {
  type PreparedVolume,
  prepareVolume,
  restoreMask,
  type SliceGrid,
} from "../data/slices/preprocess.ts";
import { expectWholeScans } from "../data/slices/midl2024.ts";
import type { Volume } from "../data/volumes/volume.ts";
import { type VoxelOrder, workingMap } from "../data/volumes/voxel_order.ts";
import { keepLargestComponents } from "./largest_component.ts";
import { cutWindows, joinWindows, windowsOver } from "./sliding_window.ts";

/** Slices that pass the network together. */
const BATCH = 16;

/** Told after every step which share of the slices, in (0, 1], has passed the network. */
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
  inference: SegmentVolumeOptions,
): Promise<Uint8Array> {
  const preparedFor = prepared.window === undefined ? "centre" : "sliding";
  if (preparedFor !== inference.window) {
    throw new TypeError(
      `segmentVolume: expected slices prepared with the window "${inference.window}", found ` +
        `"${preparedFor}"; pass the same to prepareVolume or loadCohort`,
    );
  }
  const labels = prepared.window === undefined
    ? restoreMask(
      await probabilitiesOf(model, prepared.images, {
        size: prepared.grid.size,
        channels: prepared.channels,
        onProgress: inference.onProgress,
      }),
      prepared,
    )
    : await segmentByWindows(model, prepared, { size: prepared.window, ...inference });
  if (!inference.largestComponent) return labels;
  const { width, height } = prepared.original;
  return keepLargestComponents(labels, [width, height, prepared.depth]);
}

/** Options of {@linkcode segmentScan}. */
export interface SegmentScanOptions {
  /** The configuration that the model was trained with. */
  config: Pick<Config, "inference"> & {
    grid: SliceGrid;
    data?: Pick<DataSettings, "window"> & Partial<Pick<DataSettings, "protocol">>;
  };
  /** The order of voxels that the model was trained in, `Dataset.order`; as stored by default. */
  order?: VoxelOrder;
  /** Which time point of a 4D scan, from 0; needed where there are several. */
  frame?: number;
  /** Told how far it is. */
  onProgress?: SegmentationProgress;
}

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
  { config: { grid, inference, data }, order, frame, onProgress }: SegmentScanOptions,
): Promise<Uint8Array> {
  expectWholeScans(data?.protocol);
  const [first, ...others] = ("voxels" in scan ? [scan] : scan)
    .map((channel) => takeFrame(channel, frame));
  const channels = [first, ...others.map((channel) => onGridOf(channel, first, "channel"))];
  const map = order ? workingMap(first, order) : IDENTITY;
  const prepared = prepareVolume(channels.map((channel) => reordered(channel, map)), grid, {
    window: inference.window,
    scale: data?.window,
  });
  const labels = await segmentVolume(model, prepared, { ...inference, onProgress });
  return reorderedVoxels(labels, permuted(first.shape, map), inverse(map));
}

/** The most probable class of every pixel of the slices themselves: [depth, size, size]. */
export async function labelsOfSlices(
  model: Network,
  { images, channels, grid: { size } }: PreparedVolume,
): Promise<Uint8Array> {
  const read = (logits: tf.Tensor4D) => tf.argMax(logits, 3);
  return Uint8Array.from(await runOnSlices(model, { images, size, channels }, read));
}

/** Segments slice by slice with windows that slide over each. */
async function segmentByWindows(
  model: Network,
  prepared: PreparedVolume,
  { size, overlap, onProgress }: {
    size: number;
    overlap: number;
    onProgress?: SegmentationProgress;
  },
): Promise<Uint8Array> {
  const { images, channels, depth, grid: { size: side }, original: { width, height } } = prepared;
  const windows = windowsOver(prepared, { size, overlap });
  const labels = new Uint8Array(width * height * depth);
  for (let slice = 0; slice < depth; slice++) {
    const length = side * side * channels;
    const plane = images.subarray(slice * length, (slice + 1) * length);
    const cut = cutWindows(plane, windows, { size, side, channels });
    const probabilities = await probabilitiesOf(model, cut, { size, channels });
    const joined = joinWindows(probabilities, windows, { size, side });
    labels.set(restoreMask(joined, { ...prepared, depth: 1 }), slice * width * height);
    onProgress?.((slice + 1) / depth);
  }
  return labels;
}

/** The form of slices [slices, size, size, channels], and who is told how many are done. */
interface RunOptions {
  size: number;
  channels: number;
  onProgress?: SegmentationProgress;
}

/** The softmax of every slice, [slices, size, size, classes]. */
function probabilitiesOf(
  model: Network,
  images: Float32Array,
  options: RunOptions,
): Promise<Float32Array> {
  return runOnSlices(model, { images, ...options }, (logits) => tf.softmax(logits));
}

/** What `read` makes of the logits of every slice, [slices, size, size, classes]. */
async function runOnSlices(
  model: Network,
  { images, size, channels, onProgress }: RunOptions & { images: Float32Array },
  read: (logits: tf.Tensor4D) => tf.Tensor,
): Promise<Float32Array> {
  const each = size * size * channels;
  const count = images.length / each;
  const parts: ArrayLike<number>[] = [];
  for (let first = 0; first < count; first += BATCH) {
    const end = Math.min(count, first + BATCH);
    const output = tf.tidy(() => {
      const slices = images.subarray(first * each, end * each);
      const x = tf.tensor4d(slices, [end - first, size, size, channels]);
      return read(model.forward(x, { training: false }));
    });
    parts.push(await output.data());
    output.dispose();
    onProgress?.(end / count);
  }
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
