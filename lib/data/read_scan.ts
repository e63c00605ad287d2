/**
 * Reading a scan of a dataset: its channels and its mask, on one grid and in one order of voxels.
 *
 * @module
 */
import { IDENTITY, reordered } from "./axis_map.ts";
import type { ChannelFile, Dataset, Scan } from "./dataset.ts";
import { isPicture } from "./files.ts";
import { takeFrame } from "./frames.ts";
import { IGNORED, labelsOfMask } from "./labels.ts";
import { onGridOf } from "./match_grid.ts";
import { readVolume } from "./read_volume.ts";
import type { Volume } from "./volume.ts";
import { orientationOf, slicesAcross, type VoxelOrder, workingMap } from "./voxel_order.ts";

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
 * @throws {RangeError} If a channel is lacking or has no finite voxel, a grid differs by more than
 * flips and swaps, a label is not whole or not among the dataset's structures, the files have no such
 * frame, or a link leads out of the dataset's folder.
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
  first.warnings.push(...order ? orderNote(first, order) : []);
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
  const read = async ({ path, index }: ChannelFile) => {
    if (path === undefined) return undefined;
    const whole = files.get(path) ?? await readVolume(path, { within });
    files.set(path, whole);
    if (index !== undefined) return channelAt(whole, index);
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

/** One of the channels that lie along a file's fourth axis; a grey picture has it in each colour. */
function channelAt(whole: Volume, index: number): Volume {
  const [, , , count = 1] = whole.shape;
  if (index < count) return takeFrame(whole, index);
  if (count === 1 && isPicture(whole.source)) return whole;
  throw new RangeError(
    `${whole.source}: expected ${index + 1} or more channels along a fourth axis, found ` +
      `${
        count === 1 ? "one" : count
      }; name a file for each channel, or correct the list of channels`,
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

/** Lowest and highest finite value of an array; Infinity and -Infinity where there is none. */
export function valueRange(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low && values[i] > -Infinity) low = values[i];
    if (values[i] > high && values[i] < Infinity) high = values[i];
  }
  return [low, high];
}

/** Notes, as warnings, what is odd about the intensities of an image. */
function noteIntensities({ voxels, source, warnings }: Volume): void {
  const [low, high] = valueRange(voxels);
  if (low > high) throw new RangeError(`${source}: expected finite intensities, found none`);
  if (low === high) warnings.push(`The image is constant: every voxel is ${low}.`);
  const broken = notFinite(voxels);
  if (broken > 0) {
    const share = Math.max(0.1, Math.round(1000 * broken / voxels.length) / 10);
    warnings.push(`${share} % of the voxels are NaN or infinite; they are background.`);
  }
}

function notFinite(voxels: ArrayLike<number>): number {
  if (!(voxels instanceof Float32Array || voxels instanceof Float64Array)) return 0;
  let count = 0;
  for (let i = 0; i < voxels.length; i++) if (!Number.isFinite(voxels[i])) count++;
  return count;
}

/**
 * What is to be told of the order of a scan's voxels: where it is not the cohort's, or not known, and
 * where its slices show another view.
 */
export function orderNote(image: Volume, order: VoxelOrder): string[] {
  const across = slicesAcross(image, order);
  const view = across === order.slices ? [] : [
    `Its voxels are long along another axis than others' (${AXES[order.axes][across]}, not ` +
    `${
      AXES[order.axes][order.slices]
    }): its slices show another view; learn from one view alone, ` +
    "or name one axis for all (grid.axis).",
  ];
  return [...storedNote(image, order), ...view];
}

/** How a message calls the axes of an order. */
const AXES = {
  RAS: ["left to right", "back to front", "foot to head"],
  stored: ["the first", "the second", "the third"],
} as const;

function storedNote(image: Volume, { axes, usual, untold }: VoxelOrder): string[] {
  const { code, kind } = orientationOf(image);
  if (untold && kind !== "silent") {
    return [
      `Stored ${code}, but the scans to compare it with have no affine that tells their order: make ` +
      "sure that they are stored alike.",
    ];
  }
  if (usual === "" || code === usual && kind === "clear") return [];
  if (axes === "stored") {
    return kind === "clear"
      ? [
        `Stored ${code}, others ${usual}; left so, for too many scans lie askew to tell one order.`,
      ]
      : [];
  }
  if (kind === "clear") return [`Stored ${code}, others ${usual}: brought to one order.`];
  const why = kind === "silent" ? "has no affine" : "lies askew between two axes";
  return [`The scan ${why}; its voxels are taken to be stored ${usual}, as others are.`];
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
