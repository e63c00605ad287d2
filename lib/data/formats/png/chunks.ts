/**
 * What a PNG file is made of, checked before anything is inflated
 * (https://www.w3.org/TR/png-3).
 *
 * @module
 */
import { concatBytes } from "../../../io/concat_arrays.ts";

/** What every PNG file begins with. */
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);

/** Bytes of a chunk beside its data: length, name and checksum. */
const FRAME = 12;

/** Values of a pixel by the type of colours: grey, RGB, palette, grey and RGB with opacity. */
const CHANNELS = new Map([[0, 1], [2, 3], [3, 1], [4, 2], [6, 4]]);

/** Bits of a value that a type of colours may have. */
const DEPTHS = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
]);

/** Where the pixels of each pass of an interlaced picture begin, and how far apart they lie. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** A PNG file's parts. */
export interface PngParts {
  /** Pixels of a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Bits of a value. */
  depth: number;
  /** Values of a pixel, opacity among them. */
  channels: number;
  /** Whether the last of them is opacity. */
  alpha: boolean;
  /** Whether the rows come in passes. */
  interlaced: boolean;
  /** The palette, red, green and blue by turns, where pixels are its indices. */
  palette?: Uint8Array;
  /** Whether there is opacity beside the pixels' own. */
  transparent: boolean;
  /** The compressed pixels. */
  data: Uint8Array;
  /** How many bytes they inflate to. */
  size: number;
  /** The file without all that does not concern its pixels. */
  bare: Uint8Array;
}

/** Whether a file begins as PNG does. */
export function isPng(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => head[i] === byte);
}

/**
 * The parts of a PNG file.
 *
 * @throws {SyntaxError} If it is no PNG file, or truncated.
 * @throws {RangeError} If its header holds an impossible value.
 */
export function partsOf(file: Uint8Array, source: string): PngParts {
  if (!isPng(file)) throw new SyntaxError(`${source}: expected a PNG file, found no PNG magic`);
  const chunks = chunksOf(file, source);
  const named = (name: string) => chunks.filter((chunk) => chunk.name === name);
  const [header] = chunks;
  if (header.name !== "IHDR" || header.data.length !== 13 || named("IDAT").length === 0) {
    throw new SyntaxError(`${source}: expected a PNG header and pixels, found others: corrupt`);
  }
  const { colours, ...shape } = headerOf(header.data, source);
  const kept = [header, ...named("IDAT"), ...named("IEND")].map(({ whole }) => whole);
  return {
    ...shape,
    ...(colours === 3 && { palette: named("PLTE")[0]?.data ?? new Uint8Array() }),
    alpha: colours > 3,
    transparent: named("tRNS").length > 0,
    data: concatBytes(named("IDAT").map(({ data }) => data)),
    size: inflatedSize(shape),
    bare: concatBytes([SIGNATURE, ...kept]),
  };
}

interface Chunk {
  name: string;
  data: Uint8Array;
  /** The chunk with its frame. */
  whole: Uint8Array;
}

function chunksOf(file: Uint8Array, source: string): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + FRAME <= file.length;) {
    const length = view.getUint32(at);
    const end = at + FRAME + length;
    if (end > file.length) break;
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    chunks.push({ name, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) });
    if (name === "IEND") return chunks;
    at = end;
  }
  throw new SyntaxError(`${source}: expected a whole PNG file, found no end: truncated`);
}

type PngHeader = Pick<PngParts, "width" | "height" | "depth" | "channels" | "interlaced">;

function headerOf(data: Uint8Array, source: string): PngHeader & { colours: number } {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colours, compression, filter, interlace] = data.subarray(8);
  const channels = CHANNELS.get(colours);
  const sound = width >= 1 && height >= 1 && compression === 0 && filter === 0 && interlace < 2;
  if (!sound || channels === undefined || !DEPTHS.get(colours)?.includes(depth)) {
    throw new RangeError(
      `${source}: expected a PNG header, found ${width} × ${height} pixels of type ${colours} in ` +
        `${depth} bits: corrupt`,
    );
  }
  return { width, height, depth, channels, colours, interlaced: interlace === 1 };
}

/** Each row of each pass has a byte that says how it is filtered. */
function inflatedSize({ width, height, depth, channels, interlaced }: PngHeader): number {
  const passes = interlaced ? PASSES : [[0, 0, 1, 1]];
  return passes.reduce((sum, [x, y, across, down]) => {
    const [columns, rows] = [Math.ceil((width - x) / across), Math.ceil((height - y) / down)];
    if (columns <= 0 || rows <= 0) return sum;
    return sum + rows * (1 + Math.ceil(columns * channels * depth / 8));
  }, 0);
}
