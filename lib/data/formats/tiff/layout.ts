/**
 * How the pixels of a TIFF page are stored: what values, in which blocks.
 *
 * @module
 */
import { BYTES, type Datatype } from "../datatype.ts";
import { MOST_BYTES } from "../format.ts";
import { damaged, type Directory, type TiffTag } from "./directory.ts";

/** What values are, by their format and bits; of fewer than 8 bits, one byte each in memory. */
const DATATYPES: readonly (readonly [format: number, bits: number, Datatype])[] = [
  ...[1, 2, 4, 8].map((bits) => [1, bits, "uint8"] as const),
  [1, 16, "uint16"],
  [1, 32, "uint32"],
  [1, 64, "uint64"],
  [2, 8, "int8"],
  [2, 16, "int16"],
  [2, 32, "int32"],
  [2, 64, "int64"],
  [3, 32, "float32"],
  [3, 64, "float64"],
];

/** How blocks are compressed, and how many bytes one byte can become at most. */
const COMPRESSIONS = new Map<number, { name: Compression; ratio: number }>([
  [1, { name: "none", ratio: 1 }],
  [5, { name: "lzw", ratio: 4096 }],
  [8, { name: "deflate", ratio: 1032 }],
  [32946, { name: "deflate", ratio: 1032 }],
  [32773, { name: "packbits", ratio: 64 }],
]);

/** What values mean, by the code of "photometric interpretation". */
const MEANINGS = ["white-is-zero", "grey", "rgb", "palette"] as const;

/** How blocks are compressed. */
export type Compression = "none" | "lzw" | "deflate" | "packbits";

/** How a page is stored. */
export interface PageLayout {
  /** Pixels of a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Values of a pixel. */
  samples: number;
  /** Bits of a stored value. */
  bits: number;
  /** What a value is. */
  datatype: Datatype;
  /** What the values mean. */
  photometric: (typeof MEANINGS)[number];
  /** Whether the last value of a pixel is opacity. */
  alpha: boolean;
  /** How blocks are compressed. */
  compression: Compression;
  /** Whether values are stored as the difference from the pixel before. */
  differences: boolean;
  /** Whether each block holds one value of its pixels, and not all. */
  planar: boolean;
  /** Pixels of a block's row. */
  blockWidth: number;
  /** Rows of a block; strips end with the page, tiles do not. */
  blockHeight: number;
  /** Whether blocks are tiles. */
  tiled: boolean;
  /** Where blocks start in the file, row by row, plane by plane. */
  offsets: readonly number[];
  /** How many bytes they are. */
  lengths: readonly number[];
}

/**
 * The layout of a page, whose blocks lie in the file and can hold its pixels.
 *
 * @throws {SyntaxError} If fields are missing or contradict each other.
 * @throws {TypeError} If pixels or compression are not supported.
 */
export function layoutOf(page: Directory, fileBytes: number, source: string): PageLayout {
  const one = (tag: TiffTag, otherwise?: number) => {
    const [value = otherwise] = page(tag);
    if (value === undefined) throw damaged(source, `${tag} is missing`);
    return value;
  };
  const [width, height, samples] = [one("width"), one("height"), one("samples", 1)];
  const tiled = page("tileOffsets").length > 0;
  const pixels = pixelsOf(page, samples, source);
  const { name: compression, ratio } = compressionOf(one, source);
  const layout: PageLayout = {
    width,
    height,
    samples,
    tiled,
    compression,
    ...pixels,
    alpha: samples > 1 && [1, 2].includes(page("extra").at(-1) ?? 0),
    differences: one("predictor", 1) === 2,
    planar: samples > 1 && one("planar", 1) === 2,
    blockWidth: tiled ? one("tileWidth") : width,
    blockHeight: tiled ? one("tileHeight") : Math.min(height, one("stripRows", height)),
    offsets: page(tiled ? "tileOffsets" : "stripOffsets"),
    lengths: page(tiled ? "tileBytes" : "stripBytes"),
  };
  expectRoom(layout, { fileBytes, ratio, source });
  return layout;
}

/** Bytes that a row of a block takes, inflated. */
export function rowBytes({ blockWidth, planar, samples, bits }: PageLayout): number {
  return Math.ceil(blockWidth * (planar ? 1 : samples) * bits / 8);
}

/** How many blocks lie beside each other, below each other, and in planes. */
export function blocksOf(
  { width, height, blockWidth, blockHeight, planar, samples }: PageLayout,
): [across: number, down: number, planes: number] {
  return [Math.ceil(width / blockWidth), Math.ceil(height / blockHeight), planar ? samples : 1];
}

function pixelsOf(
  page: Directory,
  samples: number,
  source: string,
): Pick<PageLayout, "bits" | "datatype" | "photometric"> {
  const [bits = 1, ...otherBits] = page("bits");
  const [format = 1, ...otherFormats] = page("format");
  const found = DATATYPES.find(([a, b]) => (a === format || format === 4 && a === 1) && b === bits);
  const [code = samples < 3 ? 1 : 2] = page("photometric");
  const mixed = otherBits.some((b) => b !== bits) || otherFormats.some((f) => f !== format);
  if (!found || mixed || code >= MEANINGS.length || page("fillOrder")[0] === 2) {
    throw new TypeError(
      `${source}: expected grey, coloured or palette pixels of whole or real numbers, found ` +
        `photometric ${code}, format ${format} in ${bits} bits; convert the file first`,
    );
  }
  return { bits, datatype: found[2], photometric: MEANINGS[code] };
}

function compressionOf(one: (tag: TiffTag, otherwise: number) => number, source: string) {
  const code = one("compression", 1);
  const predictor = one("predictor", 1);
  const found = COMPRESSIONS.get(code);
  if (found && predictor <= 2) return found;
  throw new TypeError(
    `${source}: expected no compression, LZW, deflate or PackBits with differences at most, found ` +
      `compression ${code} and predictor ${predictor}; save the file without`,
  );
}

/** Makes sure that the blocks are as many as the page needs, lie in the file, and can hold it. */
function expectRoom(
  layout: PageLayout,
  { fileBytes, ratio, source }: { fileBytes: number; ratio: number; source: string },
): void {
  const { width, height, samples, blockWidth, blockHeight, offsets, lengths, datatype } = layout;
  const pixels = width * height * samples;
  const whole = Math.min(width, height, samples, blockWidth, blockHeight) >= 1;
  if (!whole || pixels * BYTES[datatype] > MOST_BYTES) {
    throw damaged(source, `a page is ${width} × ${height} pixels of ${samples} values`);
  }
  const [across, down, planes] = blocksOf(layout);
  const count = across * down * planes;
  if (offsets.length < count || lengths.length < count) {
    throw damaged(
      source,
      `${Math.min(offsets.length, lengths.length)} of ${count} blocks are there`,
    );
  }
  let stored = 0;
  for (let i = 0; i < count; i++) {
    stored += lengths[i];
    if (offsets[i] + lengths[i] > fileBytes) throw damaged(source, "a block ends too early");
  }
  const needed = count * blockHeight * rowBytes(layout);
  const least = layout.tiled ? needed : height * planes * rowBytes(layout);
  if (stored > fileBytes || least > stored * ratio || needed > MOST_BYTES) {
    throw damaged(source, `blocks of ${stored} bytes are to hold ${least}`);
  }
}
