/**
 * Whether the slices of a series make one stack: the same size and direction, evenly apart, none
 * missing, none twice.
 *
 * @module
 */
import { basename } from "node:path";
import { median } from "../../../math/descriptive.ts";
import type { DicomHeader, SlicePlace } from "./header.ts";

/** One file of a series. */
export interface SeriesFile {
  /** Its path. */
  path: string;
  /** What it says of itself. */
  header: DicomHeader;
}

/** The grid that the slices of a series make. */
export interface Stack {
  /** Columns, rows, slices, and how often each slice was taken. */
  shape: readonly [columns: number, rows: number, slices: number, volumes: number];
  /** Distance in mm between columns, and between rows. */
  spacing: readonly [number, number];
  /** The place of the first slice, and of the last. */
  ends: readonly [SlicePlace, SlicePlace];
}

/** Components of directions that differ by no more are the same. */
const SAME_DIRECTION = 2e-3;

/** How far, as a part of the distance between slices, one may lie from where it should. */
const UNEVEN = 0.1;

/** How far in mm slices lie apart that were rounded to tenths. */
const ROUNDING = 0.06;

/** Whether slices run in one direction: those of a localiser do not. */
export function areParallel(files: readonly SeriesFile[]): boolean {
  const places = files.flatMap(({ header }) => header.places);
  return places.every(({ orientation }) =>
    orientation.every((value, i) => Math.abs(value - places[0].orientation[i]) < SAME_DIRECTION)
  );
}

/** The files of a series by place, then by number, then by name. */
export function inOrder(files: readonly SeriesFile[]): SeriesFile[] {
  const keyed = files.map((file) => ({ file, height: lowestOf(file.header.places) }));
  keyed.sort((a, b) =>
    a.height - b.height || a.file.header.number - b.file.header.number ||
    (a.file.path < b.file.path ? -1 : 1)
  );
  return keyed.map(({ file }) => file);
}

/**
 * The grid of a series.
 *
 * @throws {RangeError} If the files differ in size or direction, a slice is missing or there twice, or
 * they are not evenly apart.
 */
export function stackOf(files: readonly SeriesFile[]): Stack {
  const [first] = files;
  const { size, spacing } = first.header;
  for (const file of files) checkImage(file, first);
  if (spacing === undefined) {
    throw new RangeError(`${first.path}: expected the distance of its pixels in mm, found none`);
  }
  if (!areParallel(files)) {
    throw new RangeError(
      `${first.path}: expected slices in one direction, found several: an overview is no scan`,
    );
  }
  checkInstances(files);
  const places = files.flatMap(({ header }) => header.places)
    .toSorted((a, b) => heightOf(a) - heightOf(b));
  const levels = levelsOf(places, first.path);
  if (levels.length < files.length) checkNumbers(files, levels);
  const ends: Stack["ends"] = [places[0], places[places.length - 1]];
  checkUpright(ends, first.path);
  return { shape: [...size, levels.length, places.length / levels.length], spacing, ends };
}

/** Makes sure that a file holds slices that are like those of the series' first. */
function checkImage({ path, header }: SeriesFile, first: SeriesFile): void {
  const { size, spacing, frames, places } = header;
  if (size.join() !== first.header.size.join()) {
    throw new RangeError(
      `${path}: expected ${first.header.size.join(" × ")} pixels as in ` +
        `${basename(first.path)}, found ${size.join(" × ")}; keep slices of other sizes elsewhere`,
    );
  }
  if (spacing?.join() !== first.header.spacing?.join()) {
    throw new RangeError(
      `${path}: expected pixels of the size in mm of ${basename(first.path)}, found ` +
        `${spacing?.join(" × ")} for ${
          first.header.spacing?.join(" × ")
        }; keep such slices elsewhere`,
    );
  }
  if (places.length === 0 || places.length !== frames) {
    throw new RangeError(
      `${path}: expected the place in the patient of each slice, found it for ${places.length} of ` +
        `${frames}; a NIfTI file can tell it`,
    );
  }
}

/** Makes sure that no slice is there twice, and that each has a number to be sorted by. */
function checkInstances(files: readonly SeriesFile[]): void {
  const instances = new Map<string, string>();
  const numbers = new Map<number, string>();
  for (const { path, header: { instance, number } } of files) {
    const twin = instance === "" ? undefined : instances.get(instance);
    if (twin !== undefined) {
      throw new RangeError(
        `${path}: expected every slice once, found the one of ${basename(twin)} again; remove one`,
      );
    }
    const equal = numbers.get(number);
    if (equal !== undefined) {
      throw new RangeError(
        `${path}: expected an instance number of its own in each file, found that of ` +
          `${basename(equal)}; number the files of the series anew`,
      );
    }
    instances.set(instance, path);
    numbers.set(number, path);
  }
}

/**
 * Makes sure that of several volumes in a series the instance numbers tell which slices are of one:
 * they count through all slices of a volume, or through all volumes of a slice.
 */
function checkNumbers(files: readonly SeriesFile[], levels: readonly number[]): void {
  if (files.some(({ header }) => header.places.length > 1)) return;
  const counted = files.toSorted((a, b) => a.header.number - b.header.number)
    .map(({ header }) => levels.findLastIndex((level) => level <= lowestOf(header.places)));
  const [slices, volumes] = [levels.length, files.length / levels.length];
  const byVolume = counted.every((level, i) => level === counted[i % slices]) &&
    new Set(counted.slice(0, slices)).size === slices;
  const bySlice = counted.every((level, i) => level === counted[i - i % volumes]);
  if (byVolume || bySlice) return;
  throw new RangeError(
    `${
      files[0].path
    }: expected instance numbers that count ${volumes} volumes one after the other, ` +
      "or slice by slice, found them in no order; convert it with dcm2niix, and use its NIfTI file",
  );
}

/** The heights in mm at which slices lie, ascending, each taken equally often and evenly apart. */
function levelsOf(places: readonly SlicePlace[], source: string): number[] {
  const heights = places.map(heightOf);
  const starts = heights.flatMap((height, i) => i === 0 || height - heights[i - 1] > 1e-3 ? i : []);
  const levels = starts.map((i) => heights[i]);
  const counts = starts.map((start, i) => (starts[i + 1] ?? heights.length) - start);
  const usual = median(counts);
  const odd = counts.findIndex((count) => count !== usual);
  if (odd >= 0) {
    throw new RangeError(
      `${source}: expected ${usual} slice${usual === 1 ? "" : "s"} at each place, found ` +
        `${counts[odd]} at ${
          millimetres(levels[odd])
        } mm along the stack; remove the surplus, or ` +
        "copy what is missing",
    );
  }
  checkSteps(levels, source);
  return levels;
}

function checkSteps(levels: readonly number[], source: string): void {
  const steps = levels.slice(1).map((level, i) => level - levels[i]);
  if (steps.length === 0) return;
  const usual = median(steps);
  const tolerance = Math.max(UNEVEN * usual, Math.min(ROUNDING, usual / 3));
  const odd = steps.findIndex((step) => Math.abs(step - usual) > tolerance);
  if (odd < 0) return;
  const times = Math.round(steps[odd] / usual);
  const whole = times > 1 && Math.abs(steps[odd] - times * usual) <= tolerance * times;
  const between = `${millimetres(levels[odd])} and ${millimetres(levels[odd + 1])} mm`;
  const found = whole
    ? `${times - 1} missing between ${between} along the stack; copy the series again`
    : `${
      millimetres(steps[odd])
    } mm between ${between} along the stack; split the series, or make ` +
      "it even with dcm2niix";
  throw new RangeError(
    `${source}: expected a slice every ${millimetres(usual)} mm, found ${found}`,
  );
}

/** Makes sure that slices lie straight above each other: those of a tilted CT do not. */
function checkUpright([first, last]: Stack["ends"], source: string): void {
  const across = last.position.map((value, i) => value - first.position[i]);
  const height = heightOf(last) - heightOf(first);
  const aside = Math.sqrt(Math.max(0, dot(across, across) - height ** 2));
  const degrees = Math.atan2(aside, height) * 180 / Math.PI;
  if (aside <= 0.1 || degrees < 0.5) return;
  throw new RangeError(
    `${source}: expected slices straight above each other, found a stack tilted by ` +
      `${degrees.toFixed(1)}°; dcm2niix straightens it (its file that ends in _Tilt)`,
  );
}

/** The height of the lowest of some slices; 0 where there are none. */
function lowestOf(places: readonly SlicePlace[]): number {
  return places.length === 0 ? 0 : Math.min(...places.map(heightOf));
}

/** How far in mm a slice lies along the direction that it looks in. */
function heightOf({ position, orientation: [a, b, c, d, e, f] }: SlicePlace): number {
  return dot(position, [b * f - c * e, c * d - a * f, a * e - b * d]);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function millimetres(value: number): string {
  return `${Number(value.toFixed(2))}`;
}
