/// <reference lib="dom" />
import { ERROR_LABELS } from "../page_data.ts";

/** A window of intensities about a level. */
export interface Window {
  /** Its middle, as a share of the whole range. */
  level: number;
  /** Its width, as a share of the whole range; above 0. */
  width: number;
}

/** A colour: red, green and blue, 0 to 255 each. */
export type Rgb = readonly number[];

/** The grey, 0 to 255, of an intensity of as many under a window. */
export function windowed(value: number, { level, width }: Window): number {
  return 255 * Math.min(1, Math.max(0, (value / 255 - level) / width + 0.5));
}

/**
 * Where a prediction is wrong: what it misses, finds where none is, and takes for another structure.
 *
 * @param reference labels.
 * @param prediction as many.
 * @returns {@linkcode ERROR_LABELS}; 0 where it is right.
 */
export function errorsOf(reference: Uint8Array, prediction: Uint8Array): Uint8Array {
  return reference.map((label, i) => {
    if (label === prediction[i]) return 0;
    if (prediction[i] === 0) return ERROR_LABELS.missed;
    return label === 0 ? ERROR_LABELS.extra : ERROR_LABELS.confused;
  });
}

/**
 * Dice of one structure in one slice.
 *
 * @param reference labels.
 * @param prediction as many.
 * @returns null where neither has it.
 */
export function sliceDice(
  reference: Uint8Array,
  prediction: Uint8Array,
  label: number,
): number | null {
  let [both, sum] = [0, 0];
  reference.forEach((value, i) => {
    const [a, b] = [value === label, prediction[i] === label];
    sum += Number(a) + Number(b);
    both += Number(a && b);
  });
  return sum === 0 ? null : 2 * both / sum;
}

/** A slice to paint. */
export interface PaintedSlice {
  /** Intensities, 0 to 255: [height, width]. */
  image: Uint8Array;
  /** Pixels along a row. */
  width: number;
  /** Rows. */
  height: number;
  /** How intensities become greys. */
  window: Window;
  /** Pixels to a side that are painted for one; contours take two of them, or one of one. */
  scale: number;
  /** What is painted over it; nothing by default. */
  overlay?: Overlay;
}

/** Labels over a slice. */
export interface Overlay {
  /** [height, width]. */
  labels: Uint8Array;
  /** Colours by label; nothing is painted for label 0. */
  colours: readonly Rgb[];
  /** How much the inside of a contour hides. */
  opacity: number;
  /** Whether contours are left out, as of pictures too small for them; not by default. */
  plain?: boolean;
}

/**
 * A slice with labels over it: contours in full colour around a translucent inside.
 *
 * @returns RGBA of height × scale rows of width × scale pixels.
 */
export function paintSlice(slice: PaintedSlice): Uint8ClampedArray<ArrayBuffer> {
  const { image, width, height, window, scale, overlay } = slice;
  const [columns, rows] = [width * scale, height * scale];
  const painted = new Uint8ClampedArray(columns * rows * 4);
  const shares = overlay && sharesOf(overlay, slice);
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, at += 4) {
      const pixel = Math.floor(y / scale) * width + Math.floor(x / scale);
      const grey = windowed(image[pixel], window);
      const share = shares ? shares(x, y) : 0;
      for (let channel = 0; channel < 3; channel++) {
        const colour = overlay && share ? overlay.colours[overlay.labels[pixel]][channel] : grey;
        painted[at + channel] = grey + share * (colour - grey);
      }
      painted[at + 3] = 255;
    }
  }
  return painted;
}

/** How much of each painted pixel the labels hide. */
function sharesOf(
  { labels, opacity, plain }: Overlay,
  { width, height, scale }: PaintedSlice,
): (x: number, y: number) => number {
  const [columns, rows] = [width * scale, height * scale];
  const labelAt = (x: number, y: number) =>
    x < 0 || y < 0 || x >= columns || y >= rows
      ? 0
      : labels[Math.floor(y / scale) * width + Math.floor(x / scale)];
  const steps = scale > 1 ? [-2, -1, 1, 2] : [-1, 1];
  const onContour = (x: number, y: number, own: number) =>
    steps.some((step) => labelAt(x + step, y) !== own || labelAt(x, y + step) !== own);
  return (x, y) => {
    const label = labelAt(x, y);
    if (label === 0) return 0;
    return !plain && onContour(x, y, label) ? 1 : opacity;
  };
}

/**
 * Puts painted pixels onto a canvas, which takes their size.
 *
 * @param painted RGBA, row by row.
 * @param form Pixels along a row, and the height of a pixel as a share of its width, 1 by default.
 */
export function show(
  canvas: HTMLCanvasElement,
  painted: Uint8ClampedArray<ArrayBuffer>,
  { width, aspect = 1 }: { width: number; aspect?: number },
): void {
  const image = new ImageData(painted, width);
  [canvas.width, canvas.height] = [width, image.height];
  canvas.style.aspectRatio = `${width} / ${image.height * aspect}`;
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

/** The red, green and blue of "#RRGGBB". */
export function rgb(hex: string): Rgb {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}
