/**
 * Reading a scan of a dataset: its channels and its mask, on one grid and in one order of voxels.
 *
 * @module
 */
import { IDENTITY, reordered } from "../volumes/axis_map.ts";
import type { ChannelFile, Dataset, Scan } from "./dataset.ts";
import { isPicture } from "./scan_files.ts";
import { takeFrame } from "../volumes/frames.ts";
import { IGNORED, labelsOfMask } from "../masks/labels.ts";
import { onGridOf } from "../volumes/match_grid.ts";
import { readVolume } from "../volumes/read_volume.ts";
import { noteIntensities, orderNotes } from "./check/scan_notes.ts";
import type { Volume } from "../volumes/volume.ts";
import { workingMap } from "../volumes/voxel_order.ts";

/** A scan in memory. */
export interface LoadedScan {
  /** Its channels on one grid, in the order of `Dataset.channels`; of a cine the only one, 4D. */
  channels: readonly [Volume, ...Volume[]];
  /** The mask, where the scan has one: labels 0…n, or 255 where ignored, of the channels' shape. */
  mask?: Volume & { voxels: Uint8Array };
}

/**
 * Reads a scan's files, of 4D ones the frame or the channels that the scan names, brings the mask and
 * further channels onto the grid of the first, and all to the dataset's order of voxels. What is odd
 * but bearable (a constant image, NaN, another stored order) becomes a warning of the volume it
 * concerns.
 *
 * @throws {RangeError} If a channel is lacking or has no finite voxel, a file has more than are named,
 * a grid differs by more than flips and swaps, a label is not whole or not among the dataset's
 * structures, the files have no such frame, or a link leads out of the dataset's folder.
 * @throws As {@linkcode readVolume} does.
 */
export async function readScan(scan: Scan, dataset: Dataset): Promise<LoadedScan> {
  const [first, ...others] = await readChannels(scan, {
    within: dataset.root,
    all: dataset.settings?.channels === "all",
  });
  const mask = scan.mask === undefined
    ? undefined
    : await readMask(scan.mask, { image: first, frame: scan.frame, dataset });
  const { order } = dataset;
  const map = order ? workingMap(first, order) : IDENTITY;
  first.warnings.push(...order ? orderNotes(first, order) : []);
  const labelled = mask && reordered(mask, map) as typeof mask;
  return {
    channels: [reordered(first, map), ...others.map((channel) => reordered(channel, map))],
    mask: labelled && unlabelledSlices(labelled, dataset),
  };
}

/**
 * Reads the channels of a scan onto the grid of the first that there is, in its stored order. A
 * channel that the scan lacks is 0 everywhere: whether it may lack one is decided where datasets are
 * opened.
 *
 * @param options The folder that files must lie in, and whether `channels` are meant to be all that
 * the files hold: that there are more is warned of then.
 */
export async function readChannels(
  { image, channels = [{ path: image }], frame }: Pick<Scan, "image" | "channels" | "frame">,
  { within, all = false }: { within?: string; all?: boolean } = {},
): Promise<[Volume, ...Volume[]]> {
  const files = new Map<string, Volume>();
  const read = async ({ path, index, of }: ChannelFile) => {
    if (path === undefined) return undefined;
    const whole = files.get(path) ?? await readVolume(path, { within });
    files.set(path, whole);
    // Red, green and blue are one in a picture that is grey.
    const isGrey = isPicture(path) && whole.shape.length === 3;
    if (index !== undefined && !isGrey) return channelAt(whole, index, of);
    return frame === undefined ? whole : takeFrame(whole, frame);
  };
  const volumes: (Volume | undefined)[] = [];
  for (const channel of channels) volumes.push(await read(channel));
  const grid = volumes.find((volume) => volume !== undefined);
  if (!grid) throw new RangeError(`${image}: expected a scan with a channel, found none`);
  volumes.forEach((volume) => volume && noteIntensities(volume));
  const { shape: [, , , held = 1] } = files.values().next().value ?? grid;
  if (all && channels[0].index !== undefined && held > channels.length) {
    grid.warnings.push(
      `The file holds ${held} channels along a fourth axis; the first ${channels.length} are used.`,
    );
  }
  const [first, ...others] = volumes.map((volume) =>
    volume ? onGridOf(volume, grid, "channel") : absentChannel(grid)
  );
  return [first, ...others];
}

/** One of the channels along a file's fourth axis: of more than were named, some would be lost. */
function channelAt(whole: Volume, index: number, of?: number): Volume {
  const [, , , found = 1] = whole.shape;
  const expected = of ?? Math.max(found, index + 1);
  if (found === expected) return takeFrame(whole, index);
  throw new RangeError(
    `${whole.source}: expected ${expected} channels along the fourth axis, found ${found}; name them ` +
      "all, and choose some by data.channels",
  );
}

function absentChannel(grid: Volume): Volume {
  const warnings = ["A channel is lacking; it is 0 everywhere."];
  return { ...grid, voxels: new Uint8Array(grid.voxels.length), warnings };
}

/** Reads a mask as labels on the grid of its image, in its image's stored order. */
async function readMask(
  path: string,
  { image, frame, dataset }: { image: Volume; frame?: number; dataset: Dataset },
): Promise<Volume & { voxels: Uint8Array }> {
  const whole = await readVolume(path, { within: dataset.root });
  const { shape: [, , , count = 1] } = whole;
  if (count > 1 && frame === undefined) {
    const found = isPicture(path) ? "colours" : `${count} volumes along a fourth`;
    throw new RangeError(
      `${path}: expected a mask of 3 axes, found ${found}; save one label map, the number of a label ` +
        "in each voxel",
    );
  }
  const mask = takeFrame(whole, count > 1 ? frame : undefined);
  const { labels, warnings } = labelsOfMask(mask, dataset);
  const labelled = { ...mask, voxels: labels, warnings: [...mask.warnings, ...warnings] };
  return onGridOf(labelled, image, "mask") as typeof labelled;
}

/** A mask whose slices without an outline count as unlabelled, where they are to. */
function unlabelledSlices(
  mask: Volume & { voxels: Uint8Array },
  { settings }: Dataset,
): Volume & { voxels: Uint8Array } {
  if (settings?.unlabelledSlices !== "leave-out") return mask;
  const { voxels, shape: [width, height] } = mask;
  const pixels = width * height;
  for (let start = 0; start < voxels.length; start += pixels) {
    const slice = voxels.subarray(start, start + pixels);
    if (slice.every((label) => label === 0)) slice.fill(IGNORED);
  }
  return mask;
}
