/**
 * A scan and its mask as they are looked at: slices last, as radiologists see them.
 *
 * @module
 */
import { composed, IDENTITY, permuted, reorderedVoxels } from "../../lib/data/volumes/axis_map.ts";
import { takeFrame } from "../../lib/data/volumes/frames.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { viewingMap, type VoxelOrder, workingMap } from "../../lib/data/volumes/voxel_order.ts";

/** Slices to look at, x fastest. */
export interface SlicesView {
  /** (x, y, z), the slices along z. */
  shape: readonly [number, number, number];
  /** Size of a voxel in mm. */
  spacing: readonly [number, number, number];
  /** Grey levels of each channel. */
  pictures: Uint8Array[];
  /** Labels. */
  mask: Uint8Array;
}

/** The percentiles of a channel that are shown black and white. */
const SHOWN = [0.01, 0.99];

/**
 * A scan's channels and its mask in the order of voxels that its model works in; where that follows
 * the patient, turned as is usual: the patient's right on the left, front or head above.
 *
 * @param channels On one grid.
 * @param mask Labels in the order in which the scan is stored.
 * @param options The model's order, as stored by default, and which time point the mask is of.
 */
export function viewOf(
  channels: readonly Volume[],
  mask: Uint8Array,
  { order, frame }: { order?: VoxelOrder; frame?: number },
): SlicesView {
  const shown = channels.map((channel) => takeFrame(channel, frame));
  const [{ shape, spacing }] = shown;
  const map = composed(order ? workingMap(shown[0], order) : IDENTITY, viewingMap(order));
  return {
    shape: permuted(shape, map),
    spacing: permuted(spacing, map),
    pictures: shown.map((channel) => reorderedVoxels(greyLevels(channel), shape, map)),
    mask: reorderedVoxels(mask, shape, map),
  };
}

/** A scan's intensities as bytes; what is no number is black. */
function greyLevels({ voxels }: Volume): Uint8Array {
  const sorted = Float32Array.from(voxels).filter(Number.isFinite).sort();
  const [low, high] = SHOWN.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const scale = 255 / (high - low || 1);
  // Out of range counts as the nearest.
  const bytes = Uint8ClampedArray.from(voxels, (value) => (value - low) * scale);
  return new Uint8Array(bytes.buffer);
}
