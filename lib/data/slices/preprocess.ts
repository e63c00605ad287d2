/**
 * From a scan to the slices a network sees, and back: intensities to [0, 1] by percentiles, in-plane
 * resampling to a fixed spacing, crop or zero padding to a square about the image's centre (or the
 * labels'); and the inverse, which brings predictions onto the scan's own grid.
 *
 * @module
 */
import { concatArrays } from "../../io/concat_arrays.ts";
import type { DataSettings } from "../../config/data_settings.ts";
import { takeFrame } from "../volumes/frames.ts";
import { type IntensityScale, scaled, scaleOf } from "../volumes/intensity_scale.ts";
import { IGNORED, maskClasses } from "../masks/labels.ts";
import { axisTaps, resamplePlane, type Taps } from "./resample.ts";
import { factsOf, type ScanFacts } from "./seen_scans.ts";
import { volumesOf } from "./seen_volumes.ts";
import { MOST_BYTES } from "../formats/format.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";

/** The square grid that every slice is brought to. */
export interface SliceGrid {
  /** Pixels per side. */
  size: number;
  /** Distance of two pixel centres in mm. */
  spacing: number;
}

/** Options of {@linkcode prepareVolume}. */
export interface PrepareOptions {
  /** The mask that belongs to the image, on the same grid, whole values 0…254 or {@linkcode IGNORED}. */
  mask?: Volume;
  /** The intensities that become 0 and 1; percentiles of the scan by default. */
  scale?: DataSettings["window"];
  /** Which time point of a 4D image to take, from 0; needed where there are several. */
  frame?: number;
  /**
   * What is kept of slices larger than the grid: the "centre" by default; all of it for "sliding"
   * windows of the grid's size; or the square nearest to the centre that holds the mask's "labels",
   * for training on scans whose structure lies aside.
   */
  window?: "centre" | "sliding" | "labels";
  /** Whether slices are stretched to fill the grid, whatever they measure; not by default. */
  stretch?: boolean;
}

/** A scan as slices for a network, with what {@linkcode restoreMask} needs. */
export interface PreparedVolume {
  /** Intensities in [0, 1], `[depth, size, size, channels]`: rows along y, columns along x. */
  images: Float32Array;
  /** Number of channels. */
  channels: number;
  /** Labels, `[depth, size, size]`, where a mask was given. */
  labels?: Uint8Array;
  /** Number of slices, as in the scan. */
  depth: number;
  /** The grid of the slices: as asked for, or larger where windows slide over them. */
  grid: SliceGrid;
  /** Pixels per side of the windows that slide over the slices, where they were prepared for that. */
  window?: number;
  /** The middle of the grid in mm along x and y, seen from the middle of the scan's slices. */
  centre: readonly [number, number];
  /** The scan's own grid: pixels along x and y, and their spacing in mm, as if where stretched. */
  original: { width: number; height: number; spacing: readonly [number, number] };
  /** What the scan is like, to be compared with others. */
  facts: ScanFacts;
}

/**
 * Prepares a scan, slice by slice along its third axis; the aspect is kept.
 *
 * Labels are resampled as one-hot maps with the weights of the image, then the largest wins. Nearest
 * neighbour loses more at every spacing: there and back through 1.5 mm, the phantom's myocardium keeps a
 * Dice of 0.995 this way and of 0.984 that way, through 3 mm 0.936 and 0.927. Voxels that nobody
 * labelled ({@linkcode IGNORED}) are a class of their own there.
 *
 * @param image The scan; of several channels, one volume each, on one grid.
 * @throws {RangeError} if the image has several frames and `frame` names none of them, if channels
 * differ in shape, if the mask's shape differs from the image's, if its values are no labels, or if
 * the slices would take more than 2 GiB.
 */
export function prepareVolume(
  image: Volume | readonly Volume[],
  grid: SliceGrid,
  options: PrepareOptions = {},
): PreparedVolume {
  const { scale = "percentiles", frame, window = "centre", stretch = false } = options;
  const volumes = channelsOf(image, frame);
  const [first] = volumes;
  const mask = options.mask && maskLabels(options.mask, first);
  const [width, height, depth = 1] = first.shape;
  const side = grid.size * grid.spacing;
  const [x, y] = stretch ? [side / width, side / height] : first.spacing;
  const original = { width, height, spacing: [x, y] as const };
  const sliding = window === "sliding";
  const slices = {
    depth,
    grid: sliding ? coveringGrid(original, grid) : grid,
    ...(sliding && { window: grid.size }),
    centre: mask && window === "labels" ? labelsCentre(mask, original, grid) : [0, 0] as const,
    original,
  };
  const { size } = slices.grid;
  const channels = volumes.length;
  const classes = maskClasses(mask);
  const plane = Math.max(width * height, height * size) * classes.classes;
  expectMemory(first, Math.max(depth * size ** 2 * channels, plane));
  const planes = { width, height, depth, taps: tapsBetween(slices).toGrid };
  const scales = volumes.map(({ voxels }) => scaleOf(voxels, scale));
  const images = interleaved(
    volumes.map(({ voxels }, channel) => resampledImage(voxels, scales[channel], planes)),
  );
  const known = mask && volumesOf(mask, first.spacing);
  const facts = { ...factsOf(volumes, scales), ...(known && { volumes: known }) };
  const labels = mask && resampledLabels(mask, classes, planes);
  return { images, channels, ...(labels && { labels }), ...slices, facts };
}

/**
 * Brings class probabilities `[depth, size, size, classes]` back onto the scan's own grid: resampled
 * like images, then the most probable class; background where the slices do not reach.
 *
 * @returns Labels in file order (x fastest), one per voxel of the scan.
 * @throws {RangeError} if the number of probabilities does not fit the prepared slices.
 */
export function restoreMask(probabilities: Float32Array, prepared: PreparedVolume): Uint8Array {
  const { depth, grid } = prepared;
  const pixels = grid.size * grid.size;
  const classes = probabilities.length / (depth * pixels);
  if (!Number.isInteger(classes) || classes < 2) {
    throw new RangeError(
      `expected probabilities of shape [${depth}, ${grid.size}, ${grid.size}, 2 or more classes], ` +
        `found ${probabilities.length} values: pass the softmax of every slice of the volume`,
    );
  }
  const restored = planeRestorer(prepared);
  return perSlice(depth, (slice) => {
    const length = pixels * classes;
    const plane = probabilities.subarray(slice * length, (slice + 1) * length);
    return mostProbable(restored(plane), classes);
  }, Uint8Array);
}

/**
 * What brings the class probabilities of one slice, [size, size, classes], back onto the scan's own
 * grid, [height, width, classes]: resampled like images; all 0 where the slices do not reach.
 */
export function planeRestorer(
  prepared: Pick<PreparedVolume, "original" | "grid" | "centre">,
): (plane: Float32Array) => Float32Array {
  const { size } = prepared.grid;
  const taps = tapsBetween(prepared).toOriginal;
  return (plane) => {
    const channels = plane.length / (size * size);
    return resamplePlane(plane, { height: size, width: size, channels }, taps);
  };
}

/**
 * Pixels along an axis, at the grid's spacing, that hold a scan of `size` pixels `spacing` mm apart:
 * at least the grid's own, and as odd or even, so that the grid's pixels are among them.
 */
export function coveringSize(size: number, spacing: number, grid: SliceGrid): number {
  const needed = Math.ceil(size * spacing / grid.spacing - 1e-9);
  return Math.max(grid.size, needed + (needed - grid.size & 1));
}

/** A scan's slices as stored, and the weights that bring them to the grid. */
interface Planes {
  width: number;
  height: number;
  depth: number;
  taps: { rows: Taps[]; columns: Taps[] };
}

/** Intensities in [0, 1] on the grid. */
function resampledImage(
  voxels: Voxels,
  scale: IntensityScale,
  { width, height, depth, taps }: Planes,
): Float32Array {
  const pixels = width * height;
  return perSlice(depth, (slice) => {
    const plane = new Float32Array(pixels);
    for (let i = 0; i < pixels; i++) plane[i] = scaled(voxels[slice * pixels + i], scale);
    return resamplePlane(plane, { height, width, channels: 1 }, taps);
  }, Float32Array);
}

/** Labels on the grid, see {@linkcode prepareVolume}. */
function resampledLabels(
  mask: Uint8Array,
  { classes, classOf, labelOf }: ReturnType<typeof maskClasses>,
  { width, height, depth, taps }: Planes,
): Uint8Array {
  const pixels = width * height;
  return perSlice(depth, (slice) => {
    const labels = mask.subarray(slice * pixels, (slice + 1) * pixels);
    // The grid's margin is background, but tells nothing where nobody looked at the slice.
    if (labels.every((label) => label === IGNORED)) {
      return new Uint8Array(taps.rows.length * taps.columns.length).fill(IGNORED);
    }
    const oneHot = new Float32Array(pixels * classes);
    for (let i = 0; i < pixels; i++) oneHot[i * classes + classOf(labels[i])] = 1;
    const plane = resamplePlane(oneHot, { height, width, channels: classes }, taps);
    return mostProbable(plane, classes).map(labelOf);
  }, Uint8Array);
}

/** A scan's channels, one time point of each. */
function channelsOf(image: Volume | readonly Volume[], frame?: number): readonly Volume[] {
  const volumes = ("voxels" in image ? [image] : image).map((volume) => takeFrame(volume, frame));
  if (volumes.length === 0) {
    throw new RangeError("expected a scan of one channel or more, found none");
  }
  const shapes = volumes.map(({ shape }) => shape.join("×"));
  const other = shapes.findIndex((shape) => shape !== shapes[0]);
  if (other < 0) return volumes;
  throw new RangeError(
    `${volumes[other].source}: expected the shape of ${volumes[0].source}, ${shapes[0]}, found ` +
      `${shapes[other]}: bring the channels of a scan onto one grid`,
  );
}

/** Channels side by side, pixel by pixel. */
function interleaved(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  const joined = new Float32Array(channels.length * channels[0].length);
  channels.forEach((values, channel) =>
    values.forEach((value, pixel) => joined[pixel * channels.length + channel] = value)
  );
  return joined;
}

/** Makes sure that the slices, and a plane on the way to them, take no more than a file may. */
function expectMemory({ source, shape, spacing }: Volume, values: number): void {
  if (4 * values <= MOST_BYTES) return;
  const bytes = 4 * values;
  throw new RangeError(
    `${source}: expected slices of at most ${MOST_BYTES} bytes on the grid, found ${bytes} for ` +
      `shape ${shape.join(" × ")} and voxels of ${spacing.join(" × ")} mm; repair the header, or ` +
      "choose a coarser grid",
  );
}

/** The square grid that holds whole slices. */
function coveringGrid(
  { width, height, spacing: [x, y] }: PreparedVolume["original"],
  grid: SliceGrid,
): SliceGrid {
  const size = Math.max(coveringSize(width, x, grid), coveringSize(height, y, grid));
  return { ...grid, size };
}

/** The mask's voxels as labels. */
function maskLabels(mask: Volume, image: Volume): Uint8Array {
  const spatial = (volume: Volume) => volume.shape.slice(0, 3).join("×");
  if (spatial(mask) !== spatial(image) || (mask.shape[3] ?? 1) !== 1) {
    throw new RangeError(
      `${mask.source}: expected the shape of its image, ${spatial(image)}, ` +
        `found ${mask.shape.join("×")}: pair the mask with the image it was drawn on`,
    );
  }
  const labels = Uint8Array.from(mask.voxels);
  const odd = labels.findIndex((label, i) => label !== mask.voxels[i]);
  if (odd >= 0) {
    throw new RangeError(
      `${mask.source}: expected labels, whole numbers from 0 to 255, found ${mask.voxels[odd]}`,
    );
  }
  return labels;
}

/** Where a grid is to lie, see {@linkcode PrepareOptions}: as `centre` of the prepared volume. */
function labelsCentre(
  labels: Uint8Array,
  { width, height, spacing }: PreparedVolume["original"],
  grid: SliceGrid,
): [number, number] {
  const extents = [0, 1].map(() => [Infinity, -Infinity]);
  labels.forEach((label, i) => {
    if (!label || label === IGNORED) return;
    const position = [i % width, Math.floor(i / width) % height];
    const middle = [(width - 1) / 2, (height - 1) / 2];
    extents.forEach((extent, axis) => {
      const mm = (position[axis] - middle[axis]) * spacing[axis];
      extent[0] = Math.min(extent[0], mm - spacing[axis] / 2);
      extent[1] = Math.max(extent[1], mm + spacing[axis] / 2);
    });
  });
  const reach = grid.size * grid.spacing / 2;
  const [x, y] = extents.map(([first, last]) => {
    if (last - first > 2 * reach) return (first + last) / 2;
    return Math.max(last - reach, 0) + Math.min(first + reach, 0);
  });
  return [x, y];
}

/** The weights from the scan's plane to the grid, and back. */
function tapsBetween(
  { original, grid, centre }: Pick<PreparedVolume, "original" | "grid" | "centre">,
): Record<"toGrid" | "toOriginal", { rows: Taps[]; columns: Taps[] }> {
  const x = { size: original.width, spacing: original.spacing[0] };
  const y = { size: original.height, spacing: original.spacing[1] };
  const [columns, rows] = centre.map((mm) => ({ ...grid, centre: mm }));
  return {
    toGrid: { rows: axisTaps(y, rows), columns: axisTaps(x, columns) },
    toOriginal: { rows: axisTaps(rows, y), columns: axisTaps(columns, x) },
  };
}

/**
 * The class of the largest value of each pixel of a plane [pixels, classes]; of equal ones the first,
 * so that where there is nothing, there is background.
 */
export function mostProbable(plane: Float32Array, channels: number): Uint8Array {
  const labels = new Uint8Array(plane.length / channels);
  for (let pixel = 0; pixel < labels.length; pixel++) {
    let best = 0;
    for (let c = 1; c < channels; c++) {
      if (plane[pixel * channels + c] > plane[pixel * channels + best]) best = c;
    }
    labels[pixel] = best;
  }
  return labels;
}

/** Computes every slice and joins them. */
function perSlice<T extends Float32Array | Uint8Array>(
  depth: number,
  compute: (slice: number) => T,
  Result: new (length: number) => T,
): T {
  return concatArrays(Array.from({ length: depth }, (_, slice) => compute(slice)), Result);
}
