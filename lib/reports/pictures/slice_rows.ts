/**
 * Slices of several patients on one sheet, a row for each, as a network sees them.
 *
 * @module
 */
import { type SliceStack, takeChannel } from "../../data/slices/slices.ts";
import { type Panel, panelsPng } from "./panels_png.ts";

/**
 * Draws each row of slices from left to right, of several channels the first; where a row is shorter
 * than the longest, the rest is black.
 *
 * @param rows Slices of one size, at least one in the first row.
 */
export function sliceRowsPng(rows: readonly SliceStack[]): Uint8Array {
  const columns = Math.max(...rows.map(({ count }) => count));
  const { size } = rows[0];
  const blank: Panel = { pixels: new Float32Array(size * size), size };
  return panelsPng(rows.map((row) => {
    const { images, count } = takeChannel(row);
    const pixels = size * size;
    return Array.from(
      { length: columns },
      (_, i) => i < count ? { pixels: images.subarray(i * pixels, (i + 1) * pixels), size } : blank,
    );
  }));
}
