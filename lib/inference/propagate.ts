/**
 * Propagation within a patient: from the one labelled frame to the others, by features. Each pixel
 * takes the class that the most similar of the labelled pixels about its place vote for, those of the
 * labelled frame and those of the frame before, as Jabri et al. (NeurIPS 2020) propagate labels through
 * a video.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import {
  mostProbable,
  type PreparedVolume,
  prepareVolume,
  restoreMask,
} from "../data/slices/preprocess.ts";
import { expectWholeScans } from "../data/slices/midl2024.ts";
import { IDENTITY, inverse, reordered, reorderedVoxels } from "../data/volumes/axis_map.ts";
import type { Volume } from "../data/volumes/volume.ts";
import { orientationOf, type VoxelOrder, workingMap } from "../data/volumes/voxel_order.ts";
import { concatArrays } from "../io/concat_arrays.ts";
import { normaliseRows } from "../ops/norms/normalise_rows.ts";
import { type LabelledPixels, nearbyVote, type VotingSettings } from "./nearby_vote.ts";
import { runOnSlices } from "./probabilities.ts";
import type { Segmenter } from "./segment.ts";

/** Chosen on ten training patients of ACDC, from end diastole to end systole. */
export const VOTING: Readonly<VotingSettings> = { reach: 14, slices: 1, neighbours: 15 };

/** How far, relatively, two voxels may differ in size and still be of one grid. */
const EQUAL = 1e-2;

/** The frames of a patient, of which one is labelled. */
export interface PatientFrames {
  /** Scans of one time point each and of one channel, all on one grid, in the order of time. */
  scans: readonly Volume[];
  /** Which of them is labelled, from 0. */
  labelled: number;
  /** Its labels, whole values from 0, on its grid and in its stored order. */
  mask: Volume;
}

/** Frames as a backbone sees them. */
export interface PreparedFrames {
  /** The slices of each, about the labels; those of the labelled frame with its labels. */
  slices: readonly PreparedVolume[];
  /** Which of them is labelled. */
  labelled: number;
  /** Brings labels of a frame, from 0, from the order that the backbone knows to the stored one. */
  asStored: (labels: Uint8Array, frame: number) => Uint8Array;
}

/** Options of {@linkcode prepareFrames}. */
export interface PrepareFramesOptions {
  /** The configuration of the backbone. */
  config: Pick<Segmenter["config"], "grid" | "data">;
  /** The order of voxels that the backbone was trained in; as stored by default. */
  order?: VoxelOrder;
}

/**
 * Prepares frames on the backbone's grid, all about the labels of the labelled one.
 *
 * @throws {RangeError} if there is no such frame, a scan is not 3D or lies on another grid than the
 * labelled one, or the backbone was trained by a protocol that crops scans about their masks.
 */
export function prepareFrames(
  { scans, labelled, mask }: PatientFrames,
  { config: { grid, data }, order }: PrepareFramesOptions,
): PreparedFrames {
  expectWholeScans(data?.protocol);
  if (!scans[labelled]) {
    throw new RangeError(`expected a frame from 0 to ${scans.length - 1}, found ${labelled}`);
  }
  const maps = scans.map((scan) => order ? workingMap(scan, order) : IDENTITY);
  const turned = scans.map((scan, frame) => reordered(scan, maps[frame]));
  turned.forEach((scan) => expectGrid(scan, turned[labelled]));
  const about = { mask: reordered(mask, maps[labelled]), window: "labels" } as const;
  const slices = turned.map((scan, frame) => {
    const { labels, ...slices } = prepareVolume(scan, grid, { ...about, scale: data?.window });
    return frame === labelled ? { ...slices, labels } : slices;
  });
  const asStored = (labels: Uint8Array, frame: number) =>
    reorderedVoxels(labels, turned[frame].shape, inverse(maps[frame]));
  return { slices, labelled, asStored };
}

/** Options of {@linkcode propagateLabels}. */
export interface PropagateOptions {
  /** Number of classes, the background included. */
  classes: number;
  /** Which pixels vote; {@linkcode VOTING} by default. */
  voting?: VotingSettings;
}

/** What was found of a frame. */
export interface PropagatedFrame {
  /** Which one, from 0. */
  frame: number;
  /** Its labels in file order (x fastest), on the scan's own grid and in its stored order. */
  labels: Uint8Array;
}

/**
 * Propagates the labels of one frame to all others: to those after it, in their order, then to those
 * before it, backwards. Memory holds the features of three frames.
 *
 * @param backbone From slices to pixel features, in evaluation mode.
 */
export async function* propagateLabels(
  backbone: Network,
  { slices, labelled, asStored }: PreparedFrames,
  { classes, voting = VOTING }: PropagateOptions,
): AsyncGenerator<PropagatedFrame> {
  const { depth, grid, labels } = slices[labelled];
  const anchor = { features: await featuresOf(backbone, slices[labelled]), labels: labels! };
  const vote = nearbyVote({ depth, ...grid }, classes, voting);
  for (const order of outwards(slices.length, labelled)) {
    let sources: LabelledPixels[] = [anchor];
    for (const frame of order) {
      const features = await featuresOf(backbone, slices[frame]);
      const shares = vote(features, sources);
      sources = [anchor, { features, labels: mostProbable(shares, classes) }];
      yield { frame, labels: asStored(restoreMask(shares, slices[frame]), frame) };
    }
  }
}

/** The frames after one, and those before it from there on. */
function outwards(count: number, from: number): [after: number[], before: number[]] {
  const frames = Array.from({ length: count }, (_, frame) => frame);
  return [frames.slice(from + 1), frames.slice(0, from).reverse()];
}

/** Makes sure that a scan has the grid of the labelled one, but for where it lies. */
function expectGrid(scan: Volume, labelled: Volume): void {
  const like = scan.shape.join() === labelled.shape.join() &&
    scan.spacing.every((length, i) => Math.abs(length / labelled.spacing[i] - 1) < EQUAL) &&
    orientationOf(scan).code === orientationOf(labelled).code;
  if (like) return;
  throw new RangeError(
    `${scan.source}: expected the grid of ${labelled.source}, ${described(labelled)}, found ` +
      `${described(scan)}; resample it onto that`,
  );
}

/** A grid in words. */
function described(volume: Volume): string {
  const millimetres = volume.spacing.map((length) => Number(length.toPrecision(4))).join(" × ");
  return `${volume.shape.join(" × ")} voxels of ${millimetres} mm, ${orientationOf(volume).code}`;
}

/** The features of all pixels, each of length 1, or 0: [depth, size, size, D]. */
async function featuresOf(
  backbone: Network,
  { images, channels, grid: { size } }: PreparedVolume,
): Promise<Float32Array> {
  const rows = (network: Network, x: tf.Tensor4D) => {
    const features = network.forward(x, { training: false });
    return normaliseRows(tf.reshape(features, [-1, features.shape[3]]));
  };
  const parts = await Array.fromAsync(runOnSlices(backbone, { images, channels, size }, rows));
  return concatArrays(parts, Float32Array);
}
