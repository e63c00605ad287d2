/**
 * Masks as whole numbers: from the values of files to labels 0…n, and back.
 *
 * @module
 */
import type { Structure } from "../datasets/dataset.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";

/** The label, in memory, of voxels that nobody labelled: they count in no loss and no metric. */
export const IGNORED = 255;

/** How far a value may be from a whole number: masks that were scaled or interpolated are. */
export const ROUNDING = 1e-3;

/** How the values of mask files become labels. */
export interface LabelMapping {
  /** The structures, each with its values. */
  structures: readonly Structure[];
  /** The value of voxels that nobody labelled. */
  ignore?: number;
  /** Values besides 0 that are background. */
  background?: readonly number[];
}

/** A mask's labels, and what was odd about its values. */
export interface MaskLabels {
  /** One byte a voxel: 0…n, or {@linkcode IGNORED}. */
  labels: Uint8Array;
  /** One sentence for each oddity. */
  warnings: string[];
}

/**
 * The labels of a mask's voxels. NaN, as programs write it outside the body, is background.
 *
 * @throws {RangeError} If a value is not whole within 1e-3, or no structure has it; with how many
 * voxels there are of it and the first one's place.
 */
export function labelsOfMask(mask: Volume, mapping: LabelMapping): MaskLabels {
  const { voxels } = mask;
  const byValue = labelsByValue(mapping);
  const table = tableOf(byValue);
  const real = voxels instanceof Float32Array || voxels instanceof Float64Array;
  const whole = real ? rounded(mask, mapping) : { values: voxels, warnings: [] };
  const { values, warnings } = whole;
  const labels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const label = table[values[i] + TABLE_ZERO] ?? byValue.get(values[i]) ?? UNKNOWN;
    if (label === UNKNOWN) throw oddValue(mask, voxels[i], mapping);
    labels[i] = label;
  }
  return { labels, warnings };
}

/** Real values as whole ones, NaN as background, with what was odd about them. */
function rounded(
  mask: Volume,
  mapping: LabelMapping,
): { values: Float64Array; warnings: string[] } {
  const { voxels } = mask;
  const values = new Float64Array(voxels.length);
  let [changed, none] = [false, 0];
  for (let i = 0; i < voxels.length; i++) {
    const value = Math.round(voxels[i]);
    if (value === voxels[i]) values[i] = value;
    else if (Number.isNaN(value)) none++;
    else if (Math.abs(value - voxels[i]) <= ROUNDING) {
      values[i] = value;
      changed = true;
    } else throw oddValue(mask, voxels[i], mapping);
  }
  const warnings = [
    ...(changed ? ["Labels are not quite whole numbers; they are rounded."] : []),
    ...(none > 0 ? [`${none} voxels of the mask are NaN; they are background.`] : []),
  ];
  return { values, warnings };
}

/**
 * Labels as mask files have them, each structure by the first of its values: bytes, or integers of 16
 * or 32 bits where values need them.
 */
export function labelsToValues(
  labels: Uint8Array,
  { structures, ignore = IGNORED }: Pick<LabelMapping, "structures" | "ignore">,
): Voxels {
  const values = new Int32Array(IGNORED + 1);
  for (const { label, values: [value] = [label] } of structures) values[label] = value;
  values[IGNORED] = ignore;
  const used = [...structures.map(({ label }) => values[label]), ignore];
  const [least, most] = [Math.min(...used), Math.max(...used)];
  if (least >= 0 && most <= 255) return Uint8Array.from(labels, (label) => values[label]);
  return least >= -(2 ** 15) && most < 2 ** 15
    ? Int16Array.from(labels, (label) => values[label])
    : Int32Array.from(labels, (label) => values[label]);
}

/** What stands for a value that is none of the expected. */
const UNKNOWN = -1;

/** Where the value 0 stands in a table of all values of 16 bits. */
const TABLE_ZERO = 2 ** 15;

/** The labels of all values of 16 bits: many voxels are looked up. */
function tableOf(byValue: Map<number, number>): Int16Array {
  const table = new Int16Array(2 ** 16).fill(UNKNOWN);
  for (const [value, label] of byValue) table[value + TABLE_ZERO] = label;
  return table;
}

/** The labels by the values that files have for them, the background's 0 among them. */
function labelsByValue({ structures, ignore, background = [] }: LabelMapping): Map<number, number> {
  const pairs = structures.flatMap(({ label, values = [label] }) =>
    values.map((value) => [value, label] as const)
  );
  const none = [0, ...background].map((value) => [value, 0] as const);
  return new Map([
    ...none,
    ...pairs,
    ...(ignore === undefined ? [] : [[ignore, IGNORED] as const]),
  ]);
}

/** The error of a value that is none of the expected: what, how often and where. */
function oddValue(mask: Volume, value: number, mapping: LabelMapping): RangeError {
  const expected = [...labelsByValue(mapping).keys()].sort((a, b) => a - b);
  const different = new Set(mask.voxels).size;
  if (different > IGNORED) {
    return new RangeError(
      `${mask.source}: expected a label map of at most ${IGNORED - 1} labels, found ${different} ` +
        "different values; is it an image, or are things of one kind numbered?",
    );
  }
  let [first, count] = [-1, 0];
  for (let i = mask.voxels.length - 1; i >= 0; i--) {
    if (!Object.is(mask.voxels[i], value)) continue;
    first = i;
    count++;
  }
  const [nx, ny] = mask.shape;
  const place = [first % nx, Math.floor(first / nx) % ny, Math.floor(first / (nx * ny))];
  const what = Number.isInteger(value) ? "" : ", which is no whole number,";
  const way = Number.isInteger(value)
    ? "correct it, map it (data.labels) or ignore it (data.ignoreLabel)"
    : "save the mask without interpolation";
  return new RangeError(
    `${mask.source}: expected the labels ${expected.join(", ")}, found ` +
      `${value}${what} in ${count} ${count === 1 ? "voxel" : "voxels"}, the first at ` +
      `(${place.join(", ")}); ${way}`,
  );
}

/** Labels, or a prediction of them, with background where nobody labelled the reference. */
export function withoutIgnored(labels: Uint8Array, reference = labels): Uint8Array {
  return labels.map((label, i) => reference[i] === IGNORED ? 0 : label);
}

/**
 * A mask's labels as the classes of a one-hot map, and back: what nobody labelled is the class after
 * the last structure's, so that a map has as few classes as it can.
 */
export function maskClasses(mask: Uint8Array = new Uint8Array()): {
  classes: number;
  classOf: (label: number) => number;
  labelOf: (found: number) => number;
} {
  const highest = mask.reduce((most, one) => one !== IGNORED && one > most ? one : most, 0);
  const same = (value: number) => value;
  if (!mask.includes(IGNORED)) return { classes: highest + 1, classOf: same, labelOf: same };
  const ignored = highest + 1;
  return {
    classes: ignored + 1,
    classOf: (label) => Math.min(label, ignored),
    labelOf: (found) => found === ignored ? IGNORED : found,
  };
}
