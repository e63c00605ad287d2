/**
 * The MetaImage header: its lines, and what they say of the voxels
 * (https://itk.org/Wiki/ITK/MetaIO/Documentation).
 *
 * @module
 */
import { excerpt } from "../../../io/text/printable.ts";
import type { Affine } from "../../volumes/volume.ts";
import { affineOf, completed } from "../axes.ts";
import { BYTES, type Datatype } from "../datatype.ts";
import {
  type Field,
  lengthsOf,
  linesOf,
  millimetres,
  numbersOf,
  unexpected,
  wordsOf,
} from "../header_text.ts";

/** What voxels are stored as, by the format's names, after MET_; the name to write comes first. */
export const META_TYPES = new Map<string, Datatype>([
  ["CHAR", "int8"],
  ["UCHAR", "uint8"],
  ["SHORT", "int16"],
  ["USHORT", "uint16"],
  ["INT", "int32"],
  ["UINT", "uint32"],
  // Four bytes wherever it was written, as MetaIO reads them.
  ["LONG", "int32"],
  ["ULONG", "uint32"],
  ["LONG_LONG", "int64"],
  ["ULONG_LONG", "uint64"],
  ["FLOAT", "float32"],
  ["DOUBLE", "float64"],
]);

/** From the format's space, LPS, to RAS. */
const LPS = [-1, -1, 1];

/** What `ElementDataFile` says where the voxels follow. */
const LOCAL = "LOCAL";

/** A header whose fields are all usable. */
export interface MetaImageHeader {
  /** How a voxel is stored. */
  datatype: Datatype;
  /** Byte order of the file. */
  littleEndian: boolean;
  /** How the data is written. */
  encoding: "raw" | "zlib" | "text";
  /** The file that holds the data, where it is another. */
  dataFile?: string;
  /** Where the header ends, in bytes. */
  end: number;
  /** How many bytes of the data's file are skipped; -1 for all but the voxels. */
  skip: number;
  /** Values that lie together for each voxel. */
  channels: number;
  /** (x, y, z) or (x, y, z, t). */
  lengths: readonly number[];
  /** Voxel indices to RAS+ millimetres. */
  affine: Affine;
  /** What was odd but bearable. */
  warnings: string[];
}

/** The first field of the names that a header has. */
type Fields = (...names: string[]) => Field | undefined;

/** Whether a file begins as MetaImage does, which has no magic. */
export function isMetaImage(head: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(head);
  return /^\s*[A-Za-z]+\s*=/.test(text) && /^\s*(NDims|DimSize)\s*=/mi.test(text);
}

/**
 * Reads and checks a header.
 *
 * @throws {SyntaxError} If this is no MetaImage file, or a field holds an impossible value.
 * @throws {TypeError} If the voxels' type is not supported.
 */
export function parseMetaImageHeader(bytes: Uint8Array, source: string): MetaImageHeader {
  const { of, end } = fieldsOf(bytes, source);
  const needed = (name: string): Field => {
    const field = of(name);
    if (field) return field;
    throw new SyntaxError(`${source}: expected the field ${name}, found none; repair the header`);
  };
  const warnings: string[] = [];
  const [dimension] = numbersOf(needed("NDims"), 1);
  const lengths = lengthsOf(needed("DimSize"), dimension);
  if (lengths.length < 2 || lengths.length > 4) throw unexpected(needed("NDims"), "2 to 4 axes");
  if (lengths.length === 2) lengths.push(1);
  const datatype = datatypeOf(needed("ElementType"));
  const compressed = isTrue(of("CompressedData"));
  const binary = of("BinaryData");
  const text = binary !== undefined && !isTrue(binary);
  const dataFile = dataFileOf(needed("ElementDataFile"));
  expectUnscaled(of);
  return {
    datatype,
    lengths,
    warnings,
    end,
    littleEndian: BYTES[datatype] === 1 ||
      !isTrue(of("BinaryDataByteOrderMSB", "ElementByteOrderMSB")),
    encoding: compressed ? "zlib" : text ? "text" : "raw",
    ...(dataFile !== LOCAL && { dataFile }),
    skip: wholeOf(of("HeaderSize"), { least: -1, none: 0 }),
    channels: wholeOf(of("ElementNumberOfChannels"), { least: 1, none: 1 }),
    affine: placeOf(of, dimension, warnings),
  };
}

/** The lines up to the one that says where the data is. */
function fieldsOf(bytes: Uint8Array, source: string): { of: Fields; end: number } {
  const fields = new Map<string, Field>();
  for (const { text, next } of linesOf(bytes)) {
    const [, name, value] = text.match(/^\s*([^=]*[^=\s])\s*=\s*(.*?)\s*$/) ?? [];
    if (name === undefined) continue;
    fields.set(name.toLowerCase(), { source, name: excerpt(name), text: value });
    if (name.toLowerCase() === "elementdatafile") {
      const of: Fields = (...names) =>
        names.map((name) => fields.get(name.toLowerCase())).find((field) => field);
      return { of, end: next };
    }
  }
  throw new SyntaxError(
    `${source}: expected a MetaImage header that ends with ElementDataFile, found none`,
  );
}

/** The affine of axes, voxel size and origin; of a time series, of its first three axes. */
function placeOf(of: Fields, dimension: number, warnings: string[]): Affine {
  const matrix = of("TransformMatrix", "Orientation", "Rotation");
  const offset = of("Offset", "Position", "Origin");
  const spacing = of("ElementSpacing", "ElementSize");
  const units = of("DistanceUnits");
  if (!matrix) {
    warnings.push(
      "The header does not tell the patient's sides (no TransformMatrix); left-posterior-superior " +
        "is taken, as ITK does.",
    );
  }
  if (!spacing) warnings.push("The header tells no voxel size; 1 mm is used.");
  const unit = units && units.text !== "?" ? millimetres(units) : 1;
  const spatial = Math.min(dimension, 3);
  const values = matrix && numbersOf(matrix, dimension * dimension);
  const sizes = spacing ? numbersOf(spacing, dimension) : [1, 1, 1];
  if (spacing && !sizes.every((size) => size > 0)) throw unexpected(spacing, "sizes above 0");
  const axes = Array.from({ length: spatial }, (_, axis) =>
    [0, 1, 2].map((row) => {
      const step = row >= spatial ? 0 : values ? values[axis * dimension + row] : +(row === axis);
      return step * sizes[axis];
    }));
  const [x, y, z] = offset ? numbersOf(offset, dimension) : [0, 0, 0];
  const origin = [x, y, spatial === 3 ? z : 0];
  return affineOf(completed(axes, 1 / unit), origin, LPS.map((sign) => sign * unit));
}

function datatypeOf({ source, text }: Field): Datatype {
  const found = META_TYPES.get(text.toUpperCase().replace(/^MET_/, "").replace(/_ARRAY$/, ""));
  if (found) return found;
  throw new TypeError(
    `${source}: expected integer or real voxels, found the type ${excerpt(text)}; convert the ` +
      "file first",
  );
}

/** One file; lists of files are refused. */
function dataFileOf(field: Field): string {
  if (/^LIST\b/i.test(field.text) || /%\d*d/.test(field.text) || field.text === "") {
    throw unexpected(field, "one file");
  }
  return /^LOCAL$/i.test(field.text) ? LOCAL : field.text;
}

/** A scale is not ITK's to apply, but others do: the meaning of the voxels is not told. */
function expectUnscaled(of: Fields): void {
  for (const [name, none] of [["Slope", 1], ["Offset", 0]] as const) {
    const field = of(`ElementToIntensityFunction${name}`);
    if (field && numbersOf(field, 1)[0] !== none) throw unexpected(field, `${none}`);
  }
}

function wholeOf(
  field: Field | undefined,
  { least, none }: { least: number; none: number },
): number {
  if (!field) return none;
  const [value] = numbersOf(field, 1);
  if (!Number.isInteger(value) || value < least || value > 2 ** 31) {
    throw unexpected(field, `a whole number from ${least}`);
  }
  return value;
}

function isTrue(field: Field | undefined): boolean {
  if (!field) return false;
  const [word = ""] = wordsOf(field.text.toLowerCase());
  if (/^(true|t|1|yes|y)$/.test(word)) return true;
  if (/^(false|f|0|no|n)$/.test(word)) return false;
  throw unexpected(field, "True or False");
}
