/**
 * Which of the files that were chosen is which channel of a model.
 *
 * @module
 */
import { scanStem } from "../../lib/data/formats/formats.ts";
import { takeFrame } from "../../lib/data/volumes/frames.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";

/** A channel of a scan. */
export interface Channel {
  /** Its name; of a model with one channel, that may have none, the file's. */
  name: string;
  /** What there is of it. */
  volume: Volume;
}

/**
 * The channels of a scan in a model's order. Files are told apart by what their names end in, a
 * channel's name or its number (`_T1`, `_0000`); those whose names do not tell are taken in the order
 * in which they were chosen. The time points of a single file are channels where a model has as many.
 *
 * @param names Of the model's channels; one without a name where absent.
 * @throws {RangeError} if there are more or fewer files than channels, or two for one channel.
 */
export function channelsOf(files: readonly Volume[], names?: readonly string[]): Channel[] {
  const wanted = names ?? files.slice(0, 1).map(({ source }) => source);
  const [first] = files;
  if (files.length === 1 && wanted.length > 1 && first.shape[3] === wanted.length) {
    return wanted.map((name, i) => ({ name, volume: takeFrame(first, i) }));
  }
  const sources = files.map(({ source }) => source);
  if (files.length !== wanted.length) {
    const expected = wanted.length === 1
      ? "one file, for the model has one channel"
      : `${wanted.length} files, chosen together, for the model's channels ${wanted.join(", ")}`;
    throw new RangeError(`expected ${expected}; found ${files.length}: ${sources.join(", ")}`);
  }
  const order = channelOrder(sources, wanted);
  return wanted.map((name, i) => ({ name, volume: files[order[i]] }));
}

/** For each channel the position of its file. */
function channelOrder(sources: readonly string[], names: readonly string[]): number[] {
  const stems = sources.map((source) => scanStem(source) ?? source);
  const byName = stems.map((stem) => endingIn(stem, names));
  const numbers = names.map((_, i) => `${i}`.padStart(4, "0"));
  const told = byName.some((channel) => channel >= 0)
    ? byName
    : stems.map((stem) => endingIn(stem, numbers));
  const twin = told.findIndex((channel, i) => channel >= 0 && told.indexOf(channel) < i);
  if (twin >= 0) {
    const both = [told.indexOf(told[twin]), twin].map((i) => sources[i]).join(" and ");
    throw new RangeError(
      `${both}: expected one file for the channel ${names[told[twin]]}, found two`,
    );
  }
  const others = [...told.keys()].filter((i) => told[i] < 0);
  return names.map((_, channel) =>
    told.includes(channel) ? told.indexOf(channel) : others.shift()!
  );
}

/** The longest of some names that a file's name ends in, as a part of its own; −1 where none. */
function endingIn(stem: string, names: readonly string[]): number {
  const words = (text: string) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const own = words(stem);
  const lengths = names.map((name) => {
    const wanted = words(name);
    const fits = wanted.length > 0 && wanted.every((word, i) => own.at(i - wanted.length) === word);
    return fits ? wanted.length : 0;
  });
  const longest = Math.max(...lengths);
  return longest > 0 ? lengths.indexOf(longest) : -1;
}
