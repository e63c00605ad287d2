/**
 * Pictures that are a grid of panels, with words beside the rows and above the columns.
 *
 * @module
 */
import { escapeHtml } from "../reports/html.ts";
import { FONT_FAMILY } from "./font.ts";

/** What stands around a picture. */
export interface Captions {
  /** A heading above each column of panels. */
  columns?: readonly string[];
  /** A word before each row of panels. */
  rows?: readonly string[];
  /** Names and their colours, "#RRGGBB", above everything. */
  legend?: readonly { name: string; colour: string }[];
  /** What the greys of maps mean: beside the last row where rows are named, else beside all. */
  bar?: GreyBar;
}

/** What the greys of a map mean. */
export interface GreyBar {
  /** What the map shows. */
  name: string;
  /** The value that is black, for instance "0 or less". */
  black: string;
  /** The value that is white. */
  white: string;
}

const TEXT_SIZE = 17;
/** Height of a line of text. */
const LINE = 28;
/** Widths of a letter, about, and of a colour in the legend with the space after it. */
const LETTER = 9.2;
const SWATCH = 22;
const SPACE = 20;
/** Width of a bar of greys. */
const BAR = 14;

/**
 * Places a PNG image in an SVG document, pixel by unit, with captions around it.
 *
 * @param png The image: as many columns and rows of equal panels as there are captions.
 */
export function captionSvg(
  png: Uint8Array,
  { columns = [], rows = [], legend = [], bar }: Captions,
): string {
  const { width, height } = pngSize(png);
  const left = rows.length ? SPACE + LETTER * Math.max(...rows.map(({ length }) => length)) : 0;
  const top = LINE * ((columns.length ? 1 : 0) + (legend.length ? 1 : 0));
  const right = bar ? barWidth(bar) : 0;
  const image = `data:image/png;base64,${png.toBase64()}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + right}" height="${
      top + height
    }" ` +
    `font-family="${FONT_FAMILY}" font-size="${TEXT_SIZE}" fill="#333333">`,
    legendText(legend, left),
    ...columns.map((text, i) =>
      captionText(text, left + (i + 0.5) * width / columns.length, top - 9, "middle")
    ),
    ...rows.map((text, i) =>
      captionText(text, left - SPACE / 2, top + (i + 0.5) * height / rows.length + 6, "end")
    ),
    `<image x="${left}" y="${top}" width="${width}" height="${height}" ` +
    `image-rendering="optimizeSpeed" href="${image}"/>`,
    bar ? greyBar(bar, left + width + SPACE, [top + height, height / (rows.length || 1)]) : "",
    "</svg>",
  ].join("\n");
}

function captionText(text: string, x: number, y: number, anchor: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeHtml(text)}</text>`;
}

function legendText(legend: NonNullable<Captions["legend"]>, left: number): string {
  return legend.map(({ name, colour }, i) => {
    const x = legend.slice(0, i)
      .reduce((sum, entry) => sum + SWATCH + LETTER * entry.name.length + SPACE, left);
    return `<rect x="${x}" y="5" width="15" height="15" fill="${colour}"/>` +
      captionText(name, x + SWATCH, 19, "start");
  }).join("\n");
}

/** The width that a bar takes, with its texts and the space before it. */
function barWidth({ name, black, white }: GreyBar): number {
  const longest = Math.max(...[name, black, white].map(({ length }) => length));
  return SPACE + BAR + SPACE / 2 + LETTER * longest;
}

/** A bar from white at the top to black at the bottom, and what these mean. */
function greyBar(
  { name, black, white }: GreyBar,
  x: number,
  [bottom, height]: readonly [bottom: number, height: number],
): string {
  const y = bottom - height;
  const texts: [string, number][] = [[white, y + 14], [name, y + height / 2 + 6], [black, bottom]];
  return [
    '<linearGradient id="greys" x2="0" y2="1"><stop stop-color="#ffffff"/>' +
    '<stop offset="1" stop-color="#000000"/></linearGradient>',
    `<rect x="${x + 0.5}" y="${y + 0.5}" width="${BAR}" height="${height - 1}" ` +
    'fill="url(#greys)" stroke="#333333"/>',
    ...texts.map(([text, at]) => captionText(text, x + BAR + SPACE / 2, at, "start")),
  ].join("\n");
}

/** Width and height of a PNG image, from its header. */
function pngSize(png: Uint8Array): { width: number; height: number } {
  const header = new DataView(png.buffer, png.byteOffset);
  return { width: header.getUint32(16), height: header.getUint32(20) };
}
