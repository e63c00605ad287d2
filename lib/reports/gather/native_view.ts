/**
 * Scans as they are shown at native resolution: cut to where something is outlined, within the room
 * that a page has.
 *
 * @module
 */
import type { DataSettings } from "../../config/data_settings.ts";
import { IGNORED } from "../../data/masks/labels.ts";
import { type AxisMap, permuted, reorderedVoxels } from "../../data/volumes/axis_map.ts";
import { scaled, scaleOf } from "../../data/volumes/intensity_scale.ts";
import type { Voxels } from "../../data/volumes/volume.ts";
import { counted } from "../../io/text/amounts.ts";
import type { ScanView } from "../inputs/report_input.ts";
import { evenSlices } from "./shared_room.ts";

/** What is shown around the outlined pixels, as a share of their extent, and in pixels at least. */
const MARGIN = { share: 0.25, least: 8 };

/** Pixels of all slices of a page together: images take a byte each before they are compressed. */
const PIXELS = 4_000_000;

/** A scan in memory with its mask, on one grid. */
export interface NativeScan extends Pick<ScanView, "patient" | "phase" | "sides"> {
  /** Voxels along x, y and the slices. */
  shape: readonly number[];
  /** Size of a voxel in mm. */
  spacing: readonly number[];
  /** The voxels of each channel, x fastest. */
  channels: readonly Voxels[];
  /** The intensities that become black and white, as the model's. */
  scale: DataSettings["window"];
  /** The mask's labels. */
  prediction: Uint8Array;
  /** The reference's, where there is one. */
  reference?: Uint8Array;
}

/** Scans that a page shows at most. */
export const MOST_SCANS = 60;

/**
 * Cuts scans to what a page has room for: of each an equal share, of the last ones none where the
 * first fill it. One scan is in memory at a time.
 *
 * @param count how many there are, of which the first matters most.
 * @param read reads one of them by its position, from 0.
 * @returns those that there is room for, in their order; the first in any case.
 */
export async function nativeViews(
  count: number,
  read: (at: number) => Promise<NativeScan>,
): Promise<ScanView[]> {
  const views: ScanView[] = [];
  let room = PIXELS;
  for (let at = 0; at < Math.min(count, MOST_SCANS); at++) {
    const scan = await read(at);
    const share = room / (Math.min(count, MOST_SCANS) - at) / scan.channels.length;
    const view = nativeView(scan, share);
    if (at > 0 && view.images.length > room) break;
    views.push(view);
    room -= view.images.length;
  }
  return views;
}

/** How much of some scans is shown, in a sentence. */
export function shownText(views: readonly ScanView[], depths: readonly number[]): string {
  const shown = views.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const slices = depths.reduce((sum, depth) => sum + depth, 0);
  if (shown === slices) return "All slices are here.";
  return `${shown} of ${counted(slices, "slice")} are here, of ${views.length} of ` +
    `${counted(depths.length, "scan")}: the others are left out to keep the page small.`;
}

/**
 * Cuts a scan to the box about all that is outlined, with a margin, and to as many of its slices as
 * there is room for, one at least.
 *
 * @param pixels of its slices together, at most.
 */
export function nativeView(scan: NativeScan, pixels: number): ScanView {
  const { patient, phase, sides, shape: [width, , depth], spacing, prediction, reference } = scan;
  const box = outlinedBox(scan);
  const [across, down] = [box.end[0] - box.start[0], box.end[1] - box.start[1]];
  const wanted = box.end[2] - box.start[2];
  const count = Math.max(1, Math.floor(pixels / (across * down)));
  const numbers = evenSlices(wanted, count).map((at) => box.start[2] + at);
  const length = numbers.length * across * down;
  const places = (i: number) => {
    const [x, y, z] = [i % across, Math.floor(i / across) % down, Math.floor(i / (across * down))];
    return (numbers[z] * scan.shape[1] + box.start[1] + y) * width + box.start[0] + x;
  };
  const cut = (labels: Uint8Array) =>
    Uint8Array.from({ length }, (_, i) => {
      const label = labels[places(i)];
      return label === IGNORED ? 0 : label;
    });
  return {
    ...{ patient, phase, depth, numbers },
    width: across,
    height: down,
    aspect: spacing[1] / spacing[0],
    ...(sides && { sides }),
    images: cutImages(scan, { length, places }),
    ...(reference && { reference: cut(reference) }),
    predictions: [cut(prediction)],
  };
}

/** A scan as it is looked at, by a map of its axes. */
export function turned(scan: NativeScan, map: AxisMap): NativeScan {
  const { shape, spacing, channels, prediction, reference } = scan;
  const turn = <T extends Voxels>(voxels: T) => reorderedVoxels(voxels, shape, map);
  return {
    ...scan,
    shape: permuted(shape, map),
    spacing: permuted(spacing, map),
    channels: channels.map(turn),
    prediction: turn(prediction),
    ...(reference && { reference: turn(reference) }),
  };
}

/** Intensities in [0, 1], the channels of a pixel side by side. */
function cutImages(
  { channels, scale }: NativeScan,
  { length, places }: { length: number; places: (i: number) => number },
): Float32Array {
  const images = new Float32Array(length * channels.length);
  channels.forEach((voxels, channel) => {
    const line = scaleOf(voxels, scale);
    for (let i = 0; i < length; i++) {
      images[i * channels.length + channel] = scaled(voxels[places(i)], line);
    }
  });
  return images;
}

/** Along each axis the first voxel that is shown, and the one after the last. */
interface Box {
  start: number[];
  end: number[];
}

/** The box about all that prediction and reference outline; the whole scan where that is nothing. */
function outlinedBox({ shape, prediction, reference }: NativeScan): Box {
  const [width, height] = shape;
  const box: Box = { start: [...shape], end: [0, 0, 0] };
  for (let i = 0; i < prediction.length; i++) {
    const other = reference?.[i] ?? 0;
    if (prediction[i] === 0 && (other === 0 || other === IGNORED)) continue;
    const place = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    place.forEach((at, axis) => {
      box.start[axis] = Math.min(box.start[axis], at);
      box.end[axis] = Math.max(box.end[axis], at + 1);
    });
  }
  if (box.end[0] === 0) return { start: [0, 0, 0], end: [...shape] };
  const extents = [0, 1].map((axis) => box.end[axis] - box.start[axis]);
  const around = Math.max(MARGIN.least, Math.ceil(MARGIN.share * Math.max(...extents)));
  // Of slices, one beyond either end.
  const margins = [around, around, 1];
  return {
    start: box.start.map((at, axis) => Math.max(0, at - margins[axis])),
    end: box.end.map((at, axis) => Math.min(shape[axis], at + margins[axis])),
  };
}
