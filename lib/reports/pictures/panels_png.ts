/**
 * Pictures side by side, as one PNG image.
 *
 * @module
 */
import { encode } from "fast-png";

/** One picture of a grid of them. */
export interface Panel {
  /** [size × size] greys or [size × size × 3] colours in [0, 1]; what lies outside is clipped. */
  pixels: Float32Array;
  /** Width and height in pixels. */
  size: number;
  /** The column and row of a pixel to draw a ring around. */
  mark?: readonly [column: number, row: number];
}

/** Side of a panel in the image, at least; a panel's pixels are enlarged by a whole number. */
const PANEL = 160;
/** Space between panels. */
const GAP = 6;
/** Colour of the ring around a marked pixel. */
const RING: readonly number[] = [255, 230, 0];
/** Radii that the ring lies between. */
const RADII = [5, 8] as const;

/**
 * Draws rows of panels on a transparent ground.
 *
 * @param rows as many panels in each row, all of one size.
 * @throws {RangeError} if a row is shorter than the others, or a panel of another size.
 */
export function panelsPng(rows: readonly (readonly Panel[])[]): Uint8Array {
  const columns = rows[0].length;
  const { size } = rows[0][0];
  if (rows.some(({ length }) => length !== columns)) {
    throw new RangeError(`panelsPng: expected ${columns} panels in every row`);
  }
  const scale = Math.ceil(PANEL / size);
  const side = size * scale;
  const [width, height] = [columns, rows.length].map((count) => count * (side + GAP) - GAP);
  const data = new Uint8Array(width * height * 4);
  rows.forEach((panels, row) =>
    panels.forEach((panel, column) => {
      const colourOf = panelColours(panel, size, scale);
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const at = (row * (side + GAP) + y) * width + column * (side + GAP) + x;
          data.set([...colourOf(x, y), 255], 4 * at);
        }
      }
    })
  );
  return encode({ width, height, data, channels: 4 });
}

/** The colour of each point of a panel once it is enlarged. */
function panelColours(
  { pixels, size, mark }: Panel,
  expected: number,
  scale: number,
): (x: number, y: number) => readonly number[] {
  const channels = pixels.length / (size * size);
  if (size !== expected || (channels !== 1 && channels !== 3)) {
    throw new RangeError(
      `panelsPng: expected ${expected} × ${expected} greys or colours, found ${pixels.length} ` +
        `values for ${size} × ${size}`,
    );
  }
  const [left, top] = (mark ?? [NaN, NaN]).map((position) => (position + 0.5) * scale);
  return (x, y) => {
    const distance = Math.hypot(x + 0.5 - left, y + 0.5 - top);
    if (distance >= RADII[0] && distance <= RADII[1]) return RING;
    const pixel = Math.floor(y / scale) * size + Math.floor(x / scale);
    return [0, 1, 2].map((channel) =>
      Math.round(255 * Math.min(1, Math.max(0, pixels[pixel * channels + channel % channels])))
    );
  };
}
