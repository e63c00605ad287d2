/**
 * The elements of a DICOM data set, one after the other (DICOM PS3.5, chapter 7): where each value
 * lies, and nothing of what it says.
 *
 * @module
 */

/** How a data set is written. */
export interface Encoding {
  /** Whether elements tell their type in two letters. */
  explicit: boolean;
  /** Whether the lowest byte of a number comes first. */
  little: boolean;
}

/** A data set, or the start of it. */
export interface DataSet extends Encoding {
  /** The file, or its start. */
  bytes: Uint8Array;
  /** Size of the whole file in bytes. */
  size: number;
  /** Where the data set begins. */
  start: number;
}

/** An element that holds a value. */
export interface Element {
  /** Group · 65536 + element. */
  tag: number;
  /** The tag of the sequence at the top that holds it, 0 where none does. */
  inside: number;
  /** Where its value begins. */
  at: number;
  /** Bytes of its value; `UNDEFINED` where a delimiter ends it. */
  length: number;
}

/** The length of a value that a delimiter ends. */
export const UNDEFINED = 0xffffffff;

/** (7FE0,0010), with which the walk ends: what comes after it is not needed. */
export const PIXEL_DATA = 0x7fe00010;

const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;

/** Types whose length takes four bytes, after two that are empty. */
const LONG_TYPES = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

/** The groups of frames, and in them position, orientation and size: sequences, told by no type. */
const GROUPED = [0x52009229, 0x52009230, 0x00209113, 0x00209116, 0x00289110];

/** Sequences in sequences beyond this are no scanner's. */
const DEEPEST = 16;

/** What is thrown where the bytes at hand end before the elements do, though the file goes on. */
export class MoreNeeded extends Error {}

/**
 * Visits the elements up to the pixel data, those of sequences too.
 *
 * @throws {SyntaxError} If an element reaches beyond the file or its sequence: it is truncated or
 * damaged. The message names no file.
 * @throws {MoreNeeded} If `bytes` is the start of a larger file, and too little of it.
 */
export function visitElements(set: DataSet, visit: (element: Element) => void): void {
  let end = set.start;
  while (end < set.size) {
    const element = firstElement({ ...set, start: end });
    if (element.tag === PIXEL_DATA) return visit({ ...element, inside: 0 });
    end = pass(set, element, { inside: 0, depth: 0, limit: set.size, visit });
  }
}

/** The pieces of compressed pixel data: of each, where it lies. The first is a table of offsets. */
export function fragmentsAt(set: DataSet, at: number): { at: number; length: number }[] {
  const fragments: { at: number; length: number }[] = [];
  for (let next = at; next < set.size;) {
    const { tag, at, length } = itemAt(set, next);
    if (tag === SEQUENCE_END) break;
    if (tag !== ITEM || at + length > set.size) throw damaged();
    fragments.push({ at, length });
    next = at + length;
  }
  return fragments;
}

/** Where a visit stands. */
interface Visit {
  inside: number;
  depth: number;
  limit: number;
  visit: (element: Element) => void;
}

/** An element as it is found. */
export type Found = Omit<Element, "inside"> & {
  /** Whether it may hold others. */
  sequence: boolean;
  /** Whether those are written without types, for its own was not known (PS3.5, 6.2.2). */
  untyped: boolean;
};

/** Visits an element, or those in it; returns where it ends. */
function pass(set: DataSet, element: Found, where: Visit): number {
  const { tag, at, length, sequence } = element;
  const end = length === UNDEFINED ? where.limit : at + length;
  if (end > where.limit || tag < 0x10000) throw damaged();
  if (sequence && length > 0) {
    const inside = where.inside || tag;
    const within = element.untyped ? { ...set, explicit: false, little: true } : set;
    return passItems(within, element, { ...where, inside, depth: where.depth + 1, limit: end });
  }
  if (end > set.bytes.length) throw new MoreNeeded();
  where.visit({ tag, inside: where.inside, at, length });
  return end;
}

/** Passes the items of a sequence; returns where it ends. */
function passItems(set: DataSet, { at, length }: Found, where: Visit): number {
  if (where.depth > DEEPEST) throw damaged();
  let next = at;
  while (next < where.limit) {
    const item = itemAt(set, next);
    if (item.tag === SEQUENCE_END && length === UNDEFINED) return item.at;
    const end = item.length === UNDEFINED ? where.limit : item.at + item.length;
    if (item.tag !== ITEM || end > where.limit) throw damaged();
    next = passItem(set, item, { ...where, limit: end });
  }
  if (length === UNDEFINED) throw damaged();
  return next;
}

/** Passes the elements of an item; returns where it ends. */
function passItem(set: DataSet, item: { at: number; length: number }, where: Visit): number {
  let next = item.at;
  while (next < where.limit) {
    if (item.length === UNDEFINED && tagAt(set, next) === ITEM_END) return itemAt(set, next).at;
    next = pass(set, firstElement({ ...set, start: next }), where);
  }
  if (item.length === UNDEFINED) throw damaged();
  return next;
}

/**
 * The element with which a data set begins.
 *
 * @throws As {@linkcode visitElements} does, but its value may reach beyond the file.
 */
export function firstElement(set: DataSet): Found {
  const { start } = set;
  const tag = tagAt(set, start);
  if (!set.explicit) {
    const length = unsigned32(set, start + 4);
    const sequence = GROUPED.includes(tag) || (length === UNDEFINED && tag !== PIXEL_DATA);
    return { tag, at: start + 8, length, sequence, untyped: false };
  }
  const type = typeAt(set, start + 4);
  if (!/^[A-Z]{2}$/.test(type)) throw damaged();
  const long = LONG_TYPES.includes(type);
  const length = long ? unsigned32(set, start + 8) : unsigned16(set, start + 6);
  const sequence = type === "SQ" || (length === UNDEFINED && tag !== PIXEL_DATA);
  return { tag, at: start + (long ? 12 : 8), length, sequence, untyped: type === "UN" };
}

/** The item, or the end of one, that begins at a byte. */
function itemAt(set: DataSet, start: number): { tag: number; at: number; length: number } {
  return { tag: tagAt(set, start), at: start + 8, length: unsigned32(set, start + 4) };
}

function tagAt(set: DataSet, at: number): number {
  return unsigned16(set, at) * 0x10000 + unsigned16(set, at + 2);
}

function typeAt(set: DataSet, at: number): string {
  return String.fromCharCode(byteAt(set, at), byteAt(set, at + 1));
}

function unsigned32(set: DataSet, at: number): number {
  const [first, second] = [unsigned16(set, at), unsigned16(set, at + 2)];
  return set.little ? second * 0x10000 + first : first * 0x10000 + second;
}

/** The whole number in two bytes. */
export function unsigned16(set: DataSet, at: number): number {
  const [first, second] = [byteAt(set, at), byteAt(set, at + 1)];
  return set.little ? second * 256 + first : first * 256 + second;
}

function byteAt({ bytes, size }: DataSet, at: number): number {
  if (at < bytes.length) return bytes[at];
  throw bytes.length < size ? new MoreNeeded() : damaged();
}

/** The error of a file that cannot be whole. */
export function damaged(): SyntaxError {
  return new SyntaxError(
    "expected a whole DICOM file, found one that is truncated or damaged; copy it again",
  );
}
