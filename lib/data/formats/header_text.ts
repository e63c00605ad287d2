/**
 * Headers that are text, line by line: those of NRRD and MetaImage.
 *
 * @module
 */
import { excerpt } from "../../io/text/printable.ts";
import { MOST_BYTES } from "./format.ts";

/** Most bytes of a header. */
const LONGEST = 1 << 20;

/** Line feed. */
const LF = 10;

/** Millimetres per unit, by what files call it. */
const MILLIMETRES = new Map([["mm", 1], ["cm", 10], ["m", 1000], ["um", 0.001], ["µm", 0.001]]);

/** A line of a header, and where the next begins. */
export interface Line {
  /** The line without its end. */
  text: string;
  /** Where the next line begins, in bytes. */
  next: number;
}

/** The lines of a file's beginning, as Latin-1, to the file's end or the longest header's. */
export function* linesOf(bytes: Uint8Array): Generator<Line> {
  const most = bytes.subarray(0, LONGEST);
  const decoder = new TextDecoder("latin1");
  for (let start = 0; start < most.length;) {
    const found = most.indexOf(LF, start);
    const end = found < 0 ? most.length : found;
    yield { text: decoder.decode(most.subarray(start, end)).replace(/\r$/, ""), next: end + 1 };
    start = end + 1;
  }
}

/** A header's field, for messages: where and what it is, and what it holds. */
export interface Field {
  /** The file's path or name. */
  source: string;
  /** The field's name as in the file. */
  name: string;
  /** Its text. */
  text: string;
}

/** An error for a field that holds something else. */
export function unexpected({ source, name, text }: Field, expected: string): SyntaxError {
  return new SyntaxError(
    `${source}: expected ${expected} in ${name}, found ${excerpt(text)}; repair the header`,
  );
}

/**
 * The finite numbers of a field.
 *
 * @throws {SyntaxError} If there is another number of them, or something else.
 */
export function numbersOf(field: Field, count: number): number[] {
  const numbers = wordsOf(field.text).map(Number);
  if (numbers.length === count && numbers.every(Number.isFinite)) return numbers;
  throw unexpected(field, `${count} numbers`);
}

/**
 * Lengths of axes: whole numbers from 1, whose product can be counted.
 *
 * @throws {SyntaxError} If they are others.
 */
export function lengthsOf(field: Field, count: number): number[] {
  const lengths = numbersOf(field, count);
  const voxels = lengths.reduce((product, length) => product * length, 1);
  if (lengths.every((length) => Number.isInteger(length) && length >= 1) && voxels <= MOST_BYTES) {
    return lengths;
  }
  throw unexpected(field, `lengths from 1, of ${MOST_BYTES} voxels at most,`);
}

/** A field's words. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/**
 * Millimetres per unit of length.
 *
 * @throws {SyntaxError} If the unit is not known.
 */
export function millimetres(field: Field): number {
  const units = new Set(wordsOf(field.text.replaceAll('"', " ")).map((unit) => unit.toLowerCase()));
  const [unit] = units;
  const found = units.size === 1 ? MILLIMETRES.get(unit) : undefined;
  if (found === undefined) throw unexpected(field, "mm, cm, m or um");
  return found;
}
