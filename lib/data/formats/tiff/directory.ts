/**
 * The directories of a TIFF file: one for each page, with what is known of its pixels (TIFF 6.0).
 *
 * @module
 */

/** Fields that are read, by their tags. */
const TAGS = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  stripRows: 278,
  stripBytes: 279,
  planar: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  extra: 338,
  format: 339,
} as const;

/** A field's name. */
export type TiffTag = keyof typeof TAGS;

/** The whole numbers of a page's fields, none where it lacks one. */
export type Directory = (tag: TiffTag) => readonly number[];

/** Bytes of a value, by the types that hold whole numbers or text: byte, ASCII, short, long. */
const TYPES = new Map([[1, 1], [2, 1], [3, 2], [4, 4]]);

/** Values that a field may have: as many as a large page has blocks. */
const MOST_VALUES = 1 << 22;

/** Bytes of a field in a directory. */
const ENTRY = 12;

/** A file's directories in their order. */
export interface Directories {
  /** Byte order of the file. */
  littleEndian: boolean;
  /** The pages' fields. */
  pages: Directory[];
}

/** Whether a file begins as TIFF does, or as BigTIFF. */
export function isTiff(head: Uint8Array): boolean {
  return /^(II[*+]\0|MM\0[*+])/.test(String.fromCharCode(...head.subarray(0, 4)));
}

/**
 * Reads the directories.
 *
 * @throws {SyntaxError} If it is no TIFF file, truncated, or its pages lead back to each other.
 * @throws {TypeError} If it is a BigTIFF file.
 */
export function directoriesOf(file: Uint8Array, source: string): Directories {
  if (!isTiff(file) || file.length < 8) {
    throw new SyntaxError(`${source}: expected a TIFF file, found no TIFF magic`);
  }
  const littleEndian = file[0] === 0x49;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (view.getUint16(2, littleEndian) === 43) {
    throw new TypeError(`${source}: expected TIFF, found BigTIFF; save it as TIFF`);
  }
  const seen = new Set<number>();
  const pages: Directory[] = [];
  for (let at = view.getUint32(4, littleEndian); at !== 0;) {
    if (seen.has(at)) throw damaged(source, "its pages lead back to each other");
    seen.add(at);
    const count = at + 2 <= file.length ? view.getUint16(at, littleEndian) : 0;
    const end = at + 2 + count * ENTRY;
    if (count === 0 || end + 4 > file.length) throw damaged(source, "a page's fields are missing");
    pages.push(directoryAt({ view, littleEndian, source }, at + 2, count));
    at = view.getUint32(end, littleEndian);
  }
  return { littleEndian, pages };
}

/** An error for a file that is not whole. */
export function damaged(source: string, what: string): SyntaxError {
  return new SyntaxError(`${source}: expected a whole TIFF file, found that ${what}`);
}

interface TiffFile {
  view: DataView;
  littleEndian: boolean;
  source: string;
}

function directoryAt(file: TiffFile, start: number, count: number): Directory {
  const { view, littleEndian } = file;
  const entries = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const at = start + i * ENTRY;
    entries.set(view.getUint16(at, littleEndian), at);
  }
  return (tag) => {
    const at = entries.get(TAGS[tag]);
    return at === undefined ? [] : valuesAt(file, at, tag);
  };
}

/** The values of a field: in its last four bytes, or where these say. */
function valuesAt({ view, littleEndian, source }: TiffFile, at: number, tag: TiffTag): number[] {
  const bytes = TYPES.get(view.getUint16(at + 2, littleEndian));
  if (bytes === undefined) throw damaged(source, `${tag} is of no type that it may have`);
  const count = view.getUint32(at + 4, littleEndian);
  const start = count * bytes <= 4 ? at + 8 : view.getUint32(at + 8, littleEndian);
  if (count > MOST_VALUES || start + count * bytes > view.byteLength) {
    throw damaged(source, `${tag} does not end`);
  }
  return Array.from({ length: count }, (_, i) => {
    const place = start + i * bytes;
    if (bytes === 1) return view.getUint8(place);
    return bytes === 2 ? view.getUint16(place, littleEndian) : view.getUint32(place, littleEndian);
  });
}
