/**
 * From the content of a TIFF file to a {@linkcode Volume}: pages are slices.
 *
 * The libraries on npm silently misread tiles, planes and signed values of TIFF, follow pages in circles
 * for ever, or inflate without a bound.
 *
 * @module
 */
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { axisLast } from "../axis_last.ts";
import { coloursOf, isRamp, PALETTE } from "../colours.ts";
import { ARRAYS, BYTES } from "../datatype.ts";
import { type DecodeOptions, MOST_BYTES } from "../format.ts";
import { type Found, placed } from "../grid.ts";
import { damaged, directoriesOf, type Directory } from "./directory.ts";
import { layoutOf, type PageLayout } from "./layout.ts";
import { pixelsOf, type TiffSource } from "./pixels.ts";
import { type Stack, stackOf } from "./stack.ts";

/** Bits of a page's kind: a smaller copy of another, or a mask of it. */
const COPY_OR_MASK = 1 | 4;

/**
 * Reads a TIFF file: (x, y, pages), or (x, y, pages, c) of colours, or of channels or time points that
 * ImageJ or OME describe. x runs along rows, y from row to row as stored; it tells no place. Values are
 * as stored, those of a palette its indices.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @throws {SyntaxError} If it is no TIFF file, truncated or corrupt, or its pages differ.
 * @throws {RangeError} If it is larger than `maxBytes`.
 * @throws {TypeError} If pixels or compression are not supported.
 */
export async function decodeTiff(
  file: Uint8Array,
  source: string,
  options: DecodeOptions = {},
): Promise<Volume> {
  const { littleEndian, pages: all } = directoriesOf(file, source);
  const pages = all.filter((page) => ((page("subfile")[0] ?? 0) & COPY_OR_MASK) === 0);
  if (pages.length === 0) throw damaged(source, "it has no page");
  const layouts = pages.map((page) => layoutOf(page, file.length, source));
  expectAlike(layouts, source);
  expectWithin(layouts, { file, source, maxBytes: options.maxBytes });
  const [{ samples, alpha }] = layouts;
  const description = String.fromCharCode(...pages[0]("description").slice(0, 1 << 14));
  const stack = stackOf({ pages: pages.length, samples, description, source });
  const pixels = await stackPixels(layouts, { file, source, littleEndian }, options);
  const [{ width, height }] = layouts;
  const shape = [width, height, pages.length];
  const found = coloursOf(pixels, { channels: samples, alpha, shape });
  const stacked = withChannels(found, stack, source);
  return placed({ ...stacked, warnings: [...found.warnings, ...oddities(pages[0])] }, source);
}

/** The values of all pages, one after the other. */
async function stackPixels(
  layouts: readonly PageLayout[],
  tiff: TiffSource,
  options: DecodeOptions,
): Promise<Voxels> {
  const [{ width, height, samples, datatype }] = layouts;
  const size = width * height * samples;
  const pixels = new ARRAYS[datatype](size * layouts.length);
  for (const [i, layout] of layouts.entries()) {
    pixels.set(await pixelsOf(layout, tiff, options), i * size);
  }
  return pixels;
}

/** Pages that are channels or time points, behind those that are slices. */
function withChannels(found: Found, { sizes, channelAxis }: Stack, source: string): Found {
  if (channelAxis === undefined) return found;
  const [width, height, , colours] = found.shape;
  if (colours !== undefined) {
    throw new TypeError(
      `${source}: expected colours or channels, found both; split the file first`,
    );
  }
  const channels = sizes[channelAxis];
  const slices = sizes.reduce((product, size) => product * size, 1) / channels;
  const voxels = axisLast(found.voxels, [width * height, ...sizes], channelAxis + 1);
  return { ...found, voxels, shape: [width, height, slices, channels] };
}

function expectAlike(layouts: readonly PageLayout[], source: string): void {
  const kind = ({ width, height, samples, datatype, photometric, bits }: PageLayout) =>
    `${width} × ${height} pixels of ${samples} × ${datatype} (${photometric}, ${bits} bits)`;
  const [first, ...others] = layouts.map(kind);
  const other = others.find((page) => page !== first);
  if (other === undefined) return;
  throw new SyntaxError(
    `${source}: expected pages of one kind, found ${first} and ${other}; save them as single files`,
  );
}

/** Pages may share no data, or a small file could hold any number of voxels. */
function expectWithin(
  layouts: readonly PageLayout[],
  { file, source, maxBytes = MOST_BYTES }: Pick<TiffSource, "file" | "source"> & {
    maxBytes?: number;
  },
): void {
  const total = (of: (layout: PageLayout) => number) =>
    layouts.reduce((sum, layout) => sum + of(layout), 0);
  if (total(({ lengths }) => lengths.reduce((a, b) => a + b, 0)) > file.length) {
    throw damaged(source, "its pages share data");
  }
  const bytes = total(({ width, height, samples, datatype }) =>
    width * height * samples * BYTES[datatype]
  );
  if (bytes > maxBytes) {
    throw new RangeError(
      `${source}: expected at most ${maxBytes} bytes of voxels, found ${bytes};` +
        ` if the file is to be trusted, raise maxBytes`,
    );
  }
}

/** What of a page is left out. */
function oddities(page: Directory): string[] {
  const palette = page("palette");
  const colours = palette.length / 3;
  const [red, green, blue] = [0, 1, 2].map((i) =>
    // TIFF's shades have 16 bits.
    palette.slice(i * colours, (i + 1) * colours).map((shade) => shade >> 8)
  );
  const [orientation = 1] = page("orientation");
  return [
    ...(page("photometric")[0] === 3 && !isRamp(red, green, blue) ? [PALETTE] : []),
    ...(orientation === 1
      ? []
      : [`Orientation ${orientation} of the picture is not applied: its rows are as stored.`]),
  ];
}
