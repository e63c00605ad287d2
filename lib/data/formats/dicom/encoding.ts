/**
 * How a DICOM file is written: its preamble, and the transfer syntax that its first elements name
 * (PS3.10, chapter 7; PS3.5, annex A).
 *
 * @module
 */
import { concatBytes } from "../../../io/concat_arrays.ts";
import { damaged, type DataSet, type Element, type Encoding, firstElement } from "./elements.ts";

/** A DICOM file's data set, and how its pixels are kept. */
export interface DicomFile extends DataSet {
  /** The transfer syntax: the end of its UID. */
  syntax: string;
  /** Whether the pixels are compressed, each frame by itself. */
  compressed: boolean;
  /** Whether the file begins as it should: with a preamble, and the transfer syntax. */
  complete: boolean;
}

/** Bytes before "DICM". */
const PREAMBLE = 128;

/** How much of a file tells whether it is DICOM. */
export const SIGNATURE_BYTES = PREAMBLE + 4;

const TRANSFER_SYNTAX = 0x00020010;

const LITTLE: Encoding = { explicit: true, little: true };

/** Transfer syntaxes of pixels as they are, by the end of their UID. */
const PLAIN: Record<string, Encoding> = {
  "1.2": { explicit: false, little: true },
  "1.2.1": LITTLE,
  "1.2.2": { explicit: true, little: false },
};

/** Those of compressed pixels that are read: JPEG, lossless JPEG, JPEG-LS, JPEG 2000 and RLE. */
const COMPRESSED = ["4.50", "4.57", "4.70", "4.80", "4.81", "4.90", "4.91", "5"]
  .map((end) => `1.2.${end}`);

/** What the UIDs of DICOM's own transfer syntaxes begin with. */
const ROOT = "1.2.840.10008.";

/** Whether a file that begins so is DICOM: with a preamble, or with a data set alone. */
export function isDicom(bytes: Uint8Array): boolean {
  return hasPreamble(bytes) || bareEncoding(bytes) !== undefined;
}

/**
 * How a file is written, and where its data set begins.
 *
 * @param bytes The file, or its start.
 * @param size Size of the whole file.
 * @throws {SyntaxError} If it is no DICOM file, damaged, or compressed in a way that is not read; the
 * message names no file.
 */
export function openDicom(bytes: Uint8Array, size: number): DicomFile {
  const preamble = hasPreamble(bytes);
  const bare = bareEncoding(preamble ? bytes.subarray(PREAMBLE + 4) : bytes);
  if (!preamble && !bare) throw new SyntaxError("expected a DICOM file, found none");
  const start = preamble ? PREAMBLE + 4 : 0;
  const { end, uid } = metaOf({ bytes, size, start, ...LITTLE });
  // Without the UID, the first element shows how the others are written.
  const syntax = uid?.startsWith(ROOT) ? uid.slice(ROOT.length) : bare?.explicit ? "1.2.1" : "1.2";
  const compressed = COMPRESSED.includes(syntax);
  if (!compressed && !Object.hasOwn(PLAIN, syntax)) {
    throw new SyntaxError(
      "expected pixels as they are, or in RLE, JPEG, JPEG-LS or JPEG 2000, found them compressed " +
        "in another way; gdcmconv --raw writes them as they are",
    );
  }
  const encoding = compressed ? LITTLE : PLAIN[syntax];
  const complete = preamble && uid !== undefined;
  return { bytes, size, start: end, ...encoding, syntax, compressed, complete };
}

/** The file as it should begin, which programs rely on: with a preamble and the transfer syntax. */
export function completed({ bytes, start, syntax, complete }: DicomFile): Uint8Array {
  if (complete) return bytes;
  const uid = ROOT + syntax + (syntax.length % 2 ? "" : "\0");
  const meta = `\x02\0\x10\0UI${String.fromCharCode(uid.length)}\0${uid}`;
  const group = `\x02\0\0\0UL\x04\0${String.fromCharCode(meta.length)}\0\0\0`;
  const head = new TextEncoder().encode("\0".repeat(PREAMBLE) + "DICM" + group + meta);
  return concatBytes([head, bytes.subarray(start)]);
}

/** A value as text, without what pads it. */
export function textOf({ bytes }: DataSet, { at, length }: Pick<Element, "at" | "length">): string {
  return new TextDecoder("latin1").decode(bytes.subarray(at, at + length)).replace(/[\0 ]+$/, "")
    .trimStart();
}

/** Where the elements of group 2 end, and the UID of the transfer syntax that they name. */
function metaOf(set: DataSet): { end: number; uid?: string } {
  let end = set.start;
  let uid: string | undefined;
  while (set.bytes[end] === 2 && set.bytes[end + 1] === 0) {
    const element = firstElement({ ...set, start: end });
    if (element.tag === TRANSFER_SYNTAX) uid = textOf(set, element);
    end = element.at + element.length;
    if (end > set.bytes.length) throw damaged();
  }
  return { end, uid };
}

/**
 * How a data set is written that begins with these bytes: with two elements of low groups, one after
 * the other. Undefined where they begin none.
 */
function bareEncoding(bytes: Uint8Array): Encoding | undefined {
  const first = tagIn(bytes, 0);
  const explicit = USUAL_TYPES.test(String.fromCharCode(bytes[4], bytes[5]));
  const [length, ...high] = bytes.subarray(explicit ? 6 : 4, 8);
  const second = tagIn(bytes, 8 + length);
  const begins = isLow(first) && isLow(second) && first < second && high.every((one) => one === 0);
  return begins ? { explicit, little: true } : undefined;
}

/** The types of elements that data sets begin with, those of short values. */
const USUAL_TYPES = /^(AE|CS|DA|DT|IS|LO|LT|PN|SH|ST|TM|UI|UL|US)$/;

/** Whether a tag is of group 2 or 8, with which data sets begin. */
function isLow(tag: number): boolean {
  return tag >>> 16 === 2 || tag >>> 16 === 8;
}

/** The tag at a place in little-endian order; 0 beyond the end. */
function tagIn(bytes: Uint8Array, at: number): number {
  return (bytes[at] | bytes[at + 1] << 8) << 16 | bytes[at + 2] | bytes[at + 3] << 8;
}

function hasPreamble(bytes: Uint8Array): boolean {
  return [..."DICM"].every((letter, i) => bytes[PREAMBLE + i] === letter.charCodeAt(0));
}
