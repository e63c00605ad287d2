/**
 * All slices of a scan on one sheet, as a network sees them, with the outlines of the mask: people
 * see at a glance what no check finds.
 *
 * @module
 */
import { IGNORED } from "../../data/masks/labels.ts";
import type { PreparedVolume } from "../../data/slices/preprocess.ts";
import { structureRgb } from "./palette.ts";
import { type Panel, panelsPng } from "./panels_png.ts";

/** Slices in a row. */
const COLUMNS = 6;

/** Side of a slice on the sheet, at least: it is enlarged by a whole number. */
const SIDE = 160;

/** How much darker voxels are that nobody labelled. */
const IGNORED_SHADE = 0.4;

/** Options of {@linkcode contactSheet}. */
export interface ContactSheetOptions {
  /** Which channel, from 0; the first by default. */
  channel?: number;
  /** Whether columns and rows are drawn from their ends: so that a patient lies as usual. */
  mirrored?: { columns: boolean; rows: boolean };
}

/** The sheet as PNG: slices from left to right, then down; of several channels one. */
export function contactSheet(
  prepared: PreparedVolume,
  { channel = 0, mirrored = { columns: false, rows: false } }: ContactSheetOptions = {},
): Uint8Array {
  const { depth, grid: { size } } = prepared;
  const zoom = Math.max(1, Math.ceil(SIDE / size));
  const columns = Math.min(COLUMNS, depth);
  const blank: Panel = { pixels: new Float32Array((size * zoom) ** 2), size: size * zoom };
  const rows = Array.from(
    { length: Math.ceil(depth / columns) },
    (_, row) =>
      Array.from({ length: columns }, (_, column) => {
        const slice = row * columns + column;
        return slice < depth ? slicePanel(prepared, { slice, channel, zoom, mirrored }) : blank;
      }),
  );
  return panelsPng(rows);
}

/** A slice, enlarged, with outlines of one point's width. */
function slicePanel(
  { images, labels, channels, grid: { size } }: PreparedVolume,
  { slice, channel, zoom, mirrored }: Required<ContactSheetOptions> & {
    slice: number;
    zoom: number;
  },
): Panel {
  const side = size * zoom;
  const first = slice * size * size;
  const pixel = (at: number, mirror: boolean) => Math.floor((mirror ? side - 1 - at : at) / zoom);
  const at = (x: number, y: number) =>
    first + pixel(y, mirrored.rows) * size + pixel(x, mirrored.columns);
  const label = (x: number, y: number) =>
    labels && x >= 0 && y >= 0 && x < side && y < side ? labels[at(x, y)] : 0;
  const pixels = new Float32Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const here = label(x, y);
      const shade = here === IGNORED ? IGNORED_SHADE : 1;
      const grey = shade * images[at(x, y) * channels + channel];
      const around = [label(x - 1, y), label(x + 1, y), label(x, y - 1), label(x, y + 1)];
      const outlined = here !== 0 && here !== IGNORED && around.some((other) => other !== here);
      const colour = outlined ? structureRgb(here).map((value) => value / 255) : [grey, grey, grey];
      pixels.set(colour, 3 * (y * side + x));
    }
  }
  return { pixels, size: side };
}
