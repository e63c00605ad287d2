/**
 * The NRRD header: its lines, and what they say of the voxels (https://teem.sourceforge.net/nrrd).
 *
 * @module
 */
import { excerpt } from "../../../io/text/printable.ts";
import { BYTES, type Datatype } from "../datatype.ts";
import { type Field, lengthsOf, linesOf, numbersOf, unexpected, wordsOf } from "../header_text.ts";
import { type NrrdFields, placeAxes, type PlacedAxes } from "./place_axes.ts";

/** The format's names of what voxels are stored as. */
const TYPES: readonly (readonly [names: RegExp, Datatype])[] = [
  [/^(signed char|int8(_t)?)$/, "int8"],
  [/^(uchar|unsigned char|uint8(_t)?)$/, "uint8"],
  [/^((signed )?short( int)?|int16(_t)?)$/, "int16"],
  [/^(ushort|unsigned short( int)?|uint16(_t)?)$/, "uint16"],
  [/^((signed )?int|int32(_t)?)$/, "int32"],
  [/^(uint|unsigned int|uint32(_t)?)$/, "uint32"],
  [/^(longlong|(signed )?long long( int)?|int64(_t)?)$/, "int64"],
  [/^(ulonglong|unsigned long long( int)?|uint64(_t)?)$/, "uint64"],
  [/^float$/, "float32"],
  [/^double$/, "float64"],
];

/** The format's names of encodings that are read. */
const ENCODINGS = new Map<string, NrrdHeader["encoding"]>([
  ["raw", "raw"],
  ...["gzip", "gz"].map((name) => [name, "gzip"] as const),
  ...["text", "txt", "ascii"].map((name) => [name, "text"] as const),
]);

/** A header whose fields are all usable. */
export interface NrrdHeader extends PlacedAxes {
  /** How a voxel is stored. */
  datatype: Datatype;
  /** Byte order of the file. */
  littleEndian: boolean;
  /** How the data is written. */
  encoding: "raw" | "gzip" | "text";
  /** The file that holds the data, where it is another. */
  dataFile?: string;
  /** Where the header ends, in bytes. */
  end: number;
  /** How many lines of the data's file are skipped first. */
  lineSkip: number;
  /** How many bytes are skipped then, inflated; -1 for all but the voxels. */
  byteSkip: number;
  /** Lengths of the axes as stored, the fastest first. */
  sizes: readonly number[];
}

/** Whether a file begins as NRRD does. */
export function isNrrd(head: Uint8Array): boolean {
  return /^NRRD000\d/.test(new TextDecoder("latin1").decode(head.subarray(0, 8)));
}

/**
 * Reads and checks a header.
 *
 * @throws {SyntaxError} If this is no NRRD file, or a field holds an impossible value.
 * @throws {TypeError} If the voxels' type or encoding is not supported.
 */
export function parseNrrdHeader(bytes: Uint8Array, source: string): NrrdHeader {
  const { of, end } = fieldsOf(bytes, source);
  const needed = (name: string): Field => {
    const field = of(name.replaceAll(" ", ""));
    if (field) return field;
    throw new SyntaxError(`${source}: expected the field ${name}, found none; repair the header`);
  };
  const datatype = datatypeOf(needed("type"));
  const [dimension] = numbersOf(needed("dimension"), 1);
  const sizes = lengthsOf(needed("sizes"), dimension);
  const encoding = encodingOf(needed("encoding"));
  const binary = encoding !== "text" && BYTES[datatype] > 1;
  return {
    datatype,
    encoding,
    sizes,
    end,
    littleEndian: !binary || isLittle(needed("endian")),
    dataFile: dataFileOf(of("datafile")),
    lineSkip: skipOf(of("lineskip"), 0),
    byteSkip: skipOf(of("byteskip"), encoding === "raw" ? -1 : 0),
    ...placeAxes(of, sizes, source),
  };
}

/** The lines up to the empty one that ends a header, or to the file's end. */
function fieldsOf(bytes: Uint8Array, source: string): { of: NrrdFields; end: number } {
  if (!isNrrd(bytes)) {
    throw new SyntaxError(`${source}: expected an NRRD file, found no NRRD magic`);
  }
  const fields = new Map<string, Field>();
  let end = bytes.length;
  for (const { text, next } of linesOf(bytes)) {
    if (text === "") {
      end = next;
      break;
    }
    const [, name, value] = text.match(/^([^#:][^:]*):(?!=)\s*(.*)$/) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase().replaceAll(" ", "");
    fields.set(key, { source, name: excerpt(name), text: value.trim() });
  }
  return { of: (name) => fields.get(name), end };
}

function datatypeOf({ source, text }: Field): Datatype {
  const found = TYPES.find(([names]) => names.test(text.toLowerCase()));
  if (found) return found[1];
  throw new TypeError(
    `${source}: expected integer or real voxels, found the type ${excerpt(text)}; convert the ` +
      "file first",
  );
}

function encodingOf({ source, text }: Field): NrrdHeader["encoding"] {
  const found = ENCODINGS.get(text.toLowerCase());
  if (found) return found;
  throw new TypeError(
    `${source}: expected the encoding raw, gzip or text, found ${excerpt(text)}; write it anew`,
  );
}

function isLittle(field: Field): boolean {
  const endian = field.text.toLowerCase();
  if (endian === "little" || endian === "big") return endian === "little";
  throw unexpected(field, "little or big");
}

/** One file; lists of files are refused. */
function dataFileOf(field: Field | undefined): string | undefined {
  if (field && (/^LIST\b/i.test(field.text) || /%\d*d/.test(field.text))) {
    throw unexpected(field, "one file");
  }
  return field && (wordsOf(field.text).length === 0 ? undefined : field.text);
}

function skipOf(field: Field | undefined, least: number): number {
  if (!field) return 0;
  const [skip] = numbersOf(field, 1);
  if (!Number.isInteger(skip) || skip < least) throw unexpected(field, `a number from ${least}`);
  return skip;
}
