/**
 * From the content of a PNG file to a {@linkcode Volume} of one slice.
 *
 * @module
 */
import { decode } from "fast-png";
import { excerpt } from "../../../io/text/printable.ts";
import type { Volume } from "../../volumes/volume.ts";
import { coloursOf, isRamp, PALETTE, TRANSPARENT, unpacked } from "../colours.ts";
import type { DecodeOptions } from "../format.ts";
import { placed } from "../grid.ts";
import { dataOf } from "../stored_data.ts";
import { partsOf, type PngParts } from "./chunks.ts";

/**
 * Reads a PNG file: (x, y, 1), or (x, y, 1, 3) where it is coloured. x runs along rows, y from row to
 * row as stored; it tells no place. Values are as stored, those of a palette its indices.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @throws {SyntaxError} If it is no PNG file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or the header holds an impossible value.
 * @throws {TypeError} If it is interlaced with fewer than 8 bits a value.
 */
export async function decodePng(
  file: Uint8Array,
  source: string,
  options: DecodeOptions = {},
): Promise<Volume> {
  const parts = partsOf(file, source);
  const { width, height, depth, channels, alpha, palette, transparent, data, size } = parts;
  if (parts.interlaced && depth < 8) {
    throw new TypeError(
      `${source}: expected 8 or 16 bits a value where rows are interlaced, found ${depth}; save it ` +
        "without interlacing",
    );
  }
  // fast-png neither bounds what comes out nor says where it is too short.
  await dataOf({ bytes: data, source }, { ...options, size, compressed: true });
  const pixels = pixelsOf(parts, source);
  const values = depth < 8
    ? unpacked(Uint8Array.from(pixels), { width: width * channels, height, bits: depth })
    : pixels;
  const found = coloursOf(values, { channels, alpha, shape: [width, height, 1] });
  const warnings = [
    ...found.warnings,
    ...(palette && !isGreyRamp(palette) ? [PALETTE] : []),
    ...(transparent ? [TRANSPARENT] : []),
  ];
  return placed({ ...found, warnings }, source);
}

function pixelsOf({ bare }: PngParts, source: string): Uint8Array | Uint16Array {
  try {
    const { data } = decode(bare, { checkCrc: true });
    return data instanceof Uint8ClampedArray ? Uint8Array.from(data) : data;
  } catch (error) {
    throw new SyntaxError(
      `${source}: expected a sound PNG file, found it corrupt (${
        excerpt(error instanceof Error ? error.message : `${error}`)
      })`,
    );
  }
}

function isGreyRamp(palette: Uint8Array): boolean {
  const colour = (index: number) => palette.filter((_, i) => i % 3 === index);
  return isRamp(colour(0), colour(1), colour(2));
}
