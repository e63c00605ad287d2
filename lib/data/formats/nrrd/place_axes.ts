/**
 * Which axes of an NRRD file are of space, and where they lie there.
 *
 * @module
 */
import { excerpt } from "../../../io/text/printable.ts";
import type { Affine } from "../../volumes/volume.ts";
import { affineOf, completed } from "../axes.ts";
import { type Field, millimetres, numbersOf, unexpected, wordsOf } from "../header_text.ts";

/** Kinds of axes along which voxels lie in space; of others, values of one place. */
const OF_SPACE = ["domain", "space", "none", "???"];

/** What is to be multiplied with to come to RAS+, by the names of spaces. */
const SPACES = new Map<string, readonly number[]>([
  ...["right-anterior-superior", "ras"].map((name) => [name, [1, 1, 1]] as const),
  ...["left-anterior-superior", "las"].map((name) => [name, [-1, 1, 1]] as const),
  ...["left-posterior-superior", "lps"].map((name) => [name, [-1, -1, 1]] as const),
]);

/** What ITK takes a file's space for where it does not tell the patient's sides. */
const LPS = [-1, -1, 1];

/** A header's fields by their names, in lower case and without blanks. */
export type NrrdFields = (name: string) => Field | undefined;

/** Where the voxels of a file lie. */
export interface PlacedAxes {
  /** Which axis is not of space, where there is one. */
  channelAxis?: number;
  /** (x, y, z) or (x, y, z, c). */
  shape: readonly number[];
  /** Voxel indices to RAS+ millimetres. */
  affine: Affine;
  /** What was odd but bearable. */
  warnings: string[];
}

/** An axis: where its next voxel lies, in the file's space; absent for one of values. */
type Axis = readonly number[] | undefined;

/**
 * Shape and place. Axes without a direction, or of another kind than space, are channels: one, at
 * most, may be longer than 1.
 *
 * @param sizes Lengths of the axes as stored.
 * @throws {SyntaxError} If the fields contradict each other.
 */
export function placeAxes(
  of: NrrdFields,
  sizes: readonly number[],
  source: string,
): PlacedAxes {
  const warnings: string[] = [];
  const signs = signsOf(of, warnings);
  const directions = of("spacedirections");
  const all = directions ? directed(directions, sizes.length) : spaced(of, sizes.length, warnings);
  const axes = all.filter((axis) => axis !== undefined);
  const channels = all.flatMap((axis, i) => axis === undefined && sizes[i] > 1 ? [i] : []);
  if (axes.length < 2 || axes.length > 3 || channels.length > 1) {
    throw new SyntaxError(
      `${source}: expected 2 or 3 axes of space and 1 of channels at most, found ${axes.length} ` +
        `and ${channels.length}, sizes ${excerpt(sizes.join(" "))}; split the file first`,
    );
  }
  const lengths = sizes.filter((_, i) => all[i] !== undefined);
  if (lengths.length === 2) lengths.push(1);
  const units = of("spaceunits");
  const unit = directions && units ? millimetres(units) : 1;
  return {
    shape: channels.length > 0 ? [...lengths, sizes[channels[0]]] : lengths,
    ...(channels.length > 0 && { channelAxis: channels[0] }),
    affine: affineOf(
      completed(axes, 1 / unit),
      originOf(of("spaceorigin")),
      signs.map((sign) => sign * unit),
    ),
    warnings,
  };
}

function signsOf(of: NrrdFields, warnings: string[]): readonly number[] {
  const space = of("space")?.text.toLowerCase().replace(/-time$|t$/, "");
  const found = space === undefined ? undefined : SPACES.get(space);
  if (!found) {
    warnings.push(
      `The header does not tell the patient's sides (${
        space === undefined ? "no space" : `space ${excerpt(space)}`
      }); left-posterior-superior is taken, as ITK does.`,
    );
  }
  return found ?? LPS;
}

/** `space directions`: "none", or a vector such as (0.5,0,0), for every axis. */
function directed(field: Field, dimension: number): Axis[] {
  const entries = field.text.match(/none|\([^()]*\)/gi) ?? [];
  if (entries.length !== dimension) throw unexpected(field, `${dimension} vectors or none`);
  return entries.map((entry) => {
    const vector = entry.toLowerCase() === "none" ? undefined : vectorOf(field, entry);
    // In a space with time, a fourth number is time's.
    return vector?.some((value) => value !== 0) ? vector : undefined;
  });
}

/** Axes along those of space, as long as `spacings` says, or 1. */
function spaced(of: NrrdFields, dimension: number, warnings: string[]): Axis[] {
  const field = of("spacings");
  if (!field) warnings.push("The header tells no voxel size; 1 mm is used.");
  const words = field ? wordsOf(field.text) : Array(dimension).fill("1");
  if (field && words.length !== dimension) throw unexpected(field, `${dimension} numbers`);
  const ofSpace = spatialAxes(of("kinds"), words);
  let axis = 0;
  return words.map((word, i) => {
    if (!ofSpace[i]) return undefined;
    const size = Number(word);
    if (field && !(size > 0 && size < Infinity)) throw unexpected(field, "sizes above 0");
    return [0, 0, 0].with(Math.min(axis++, 2), size);
  });
}

/** Whether each axis is of space, by `kinds`; without them, the first three that have a size. */
function spatialAxes(field: Field | undefined, spacings: readonly string[]): boolean[] {
  const sized = spacings.map((word) => word.toLowerCase() !== "nan");
  if (!field) return sized.map((is, i) => is && sized.slice(0, i).filter((is) => is).length < 3);
  const kinds = wordsOf(field.text.toLowerCase());
  if (kinds.length !== sized.length) throw unexpected(field, `${sized.length} kinds`);
  return kinds.map((kind, i) => sized[i] && OF_SPACE.includes(kind));
}

function originOf(field: Field | undefined): readonly number[] {
  return field && !/^none$/i.test(field.text) ? vectorOf(field, field.text) : [0, 0, 0];
}

/** A vector of two to four numbers in brackets, as three. */
function vectorOf(field: Field, text: string): number[] {
  const inner = text.match(/^\(([^()]*)\)$/)?.[1];
  const count = wordsOf(inner ?? "").length;
  if (inner === undefined || count < 2 || count > 4) throw unexpected(field, "vectors in brackets");
  const [x, y, z = 0] = numbersOf({ ...field, text: inner }, count);
  return [x, y, z];
}
