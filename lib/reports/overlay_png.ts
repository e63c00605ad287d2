/**
 * Slices with masks over them, as PNG images that stand in a page by themselves.
 *
 * @module
 */
import { encode } from "fast-png";
import { structureColour } from "./palette.ts";

/** A greyscale slice. */
export interface GreySlice {
  /** Intensities in [0, 1], row by row; what lies outside is clipped. */
  image: Float32Array;
  /** Width and height in pixels. */
  size: readonly [number, number];
}

/** Longest side of the image made, in pixels, at least. */
const displaySize = 384;
/** How much of a structure's inside is its colour; its contour is all colour. */
const opacity = 0.3;

/**
 * Draws a slice, each pixel a square of several, and over it the structures of a label map:
 * contours in full colour around a translucent inside.
 *
 * @param labels One label per pixel, 0 the background; none for the image alone.
 * @returns A `data:image/png` URI.
 * @throws {RangeError} If the image or the labels do not have width × height pixels.
 */
export function overlayPng({ image, size }: GreySlice, labels?: Uint8Array): string {
  const [width, height] = size;
  for (const pixels of [image, labels ?? image]) {
    if (pixels.length !== width * height) {
      throw new RangeError(`Expected ${width} × ${height} pixels, found ${pixels.length}`);
    }
  }
  const scale = Math.max(1, Math.ceil(displaySize / Math.max(width, height)));
  const [wide, high] = [width * scale, height * scale];
  const data = new Uint8Array(wide * high * 3);
  for (let row = 0, at = 0; row < high; row++) {
    for (let column = 0; column < wide; column++, at += 3) {
      const pixel = Math.floor(row / scale) * width + Math.floor(column / scale);
      const grey = 255 * Math.min(1, Math.max(0, image[pixel]));
      const label = labels?.[pixel];
      if (!label) {
        data.fill(grey, at, at + 3);
        continue;
      }
      const share = onContour(column, row) ? 1 : opacity;
      rgb(label).forEach((colour, i) => data[at + i] = grey + share * (colour - grey));
    }
  }
  return `data:image/png;base64,${
    encode({ width: wide, height: high, data, channels: 3 }).toBase64()
  }`;

  /** Whether a neighbour in the enlarged image, two steps away, has another label. */
  function onContour(column: number, row: number): boolean {
    const labelAt = (x: number, y: number) =>
      x < 0 || y < 0 || x >= wide || y >= high
        ? 0
        : labels![Math.floor(y / scale) * width + Math.floor(x / scale)];
    const own = labelAt(column, row);
    return [-2, -1, 1, 2].some((step) =>
      labelAt(column + step, row) !== own || labelAt(column, row + step) !== own
    );
  }
}

function rgb(label: number): number[] {
  const hex = structureColour(label);
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}
