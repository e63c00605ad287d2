/**
 * Channels as a `dataset.json` names them: by number, from "0".
 *
 * @module
 */
import type { Scan } from "../dataset.ts";
import { excerpt } from "../../../io/text/printable.ts";

/**
 * The names of channels in order. Names that occur twice are numbered, as those of two CTs: "CT 0" and
 * "CT 1".
 *
 * @param source The list's path, for the message.
 * @throws {RangeError} If they are not numbered 0, 1, … without gaps.
 */
export function channelNames(numbered: Readonly<Record<string, string>>, source: string): string[] {
  const sorted = Object.entries(numbered).toSorted(([a], [b]) => Number(a) - Number(b));
  if (sorted.some(([number], i) => Number(number) !== i)) {
    throw new RangeError(
      `${source}: expected channels numbered 0, 1, … without gaps, found ` +
        excerpt(sorted.map(([number]) => number).join(", ")),
    );
  }
  const names = sorted.map(([, name]) => name);
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${i}`
  );
}

/**
 * A scan of a file for each channel; undefined stands for one that is not there.
 *
 * @throws {RangeError} If none is there.
 */
export function scanOfFiles(paths: readonly (string | undefined)[]): Scan {
  const image = paths.find((path) => path !== undefined);
  if (image === undefined) throw new RangeError("expected a scan of one channel at least");
  return paths.length === 1
    ? { image }
    : { image, channels: paths.map((path) => path === undefined ? {} : { path }) };
}

/** A scan of one file that holds `count` channels along its fourth axis, or as colours. */
export function scanOfOneFile(image: string, count: number): Scan {
  if (count === 1) return { image };
  const channels = Array.from({ length: count }, (_, index) => ({ path: image, index, of: count }));
  return { image, channels };
}
