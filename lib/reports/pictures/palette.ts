/**
 * Colours that people with any colour vision can tell apart: Okabe and Ito, "Color universal
 * design", 2008, without black, in an order that keeps neighbours distinct on grey images.
 *
 * @module
 */

const okabeIto = ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00"];

/** The colour of a structure by its label (1 or above), as "#RRGGBB". */
export function structureColour(label: number): string {
  return okabeIto[(label - 1) % okabeIto.length];
}

/** The same as red, green and blue, 0 to 255. */
export function structureRgb(label: number): number[] {
  const hex = structureColour(label);
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

const lines = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

/** The colour of the n-th line of a chart, readable on light and dark, as "#RRGGBB". */
export function lineColour(index: number): string {
  return lines[index % lines.length];
}

/** Colours of errors, none of which the first structures have. */
export const ERROR_COLOURS = { missed: "#D55E00", extra: "#F0E442", confused: "#CC79A7" } as const;
