/**
 * Paints the phantom's organs into a slice, later ones over earlier ones, with soft edges.
 *
 * @module
 */
import { type Canvas, DISPLACEMENT_LIMIT } from "./canvas.ts";
import { type Contour, outside } from "./contour.ts";
import { tileIndex } from "./texture.ts";

/** What an organ is made of. */
export interface Tissue {
  /** Mean signal; blood is about 1. */
  level: number;
  /** Standard deviation of its fine texture, relative to the level. */
  fine: number;
  /** Standard deviation of its coarse texture, relative to the level. */
  coarse: number;
}

/** One organ to paint. */
export interface Layer {
  /** Its outline. */
  shape: Contour;
  /** Its tissue. */
  tissue: Tissue;
  /** Grows the outline by this many mm; 0 by default. */
  grow?: number;
  /** Half the width in mm over which the edge fades, in addition to the image's own blur. */
  soft?: number;
  /** How much it covers, 0…1; 1 by default. */
  opacity?: number;
  /** Paints everything but the inside. */
  inverted?: boolean;
}

/** Paints layers over `signal`, row by row, in place; `blur` is half the width of every edge in mm. */
export function paint(
  signal: Float32Array,
  layers: Iterable<Layer>,
  { canvas, blur }: { canvas: Canvas; blur: number },
): void {
  const { plane, texture } = canvas;
  for (const layer of layers) {
    const { shape, tissue, grow = 0, soft = 0, opacity = 1, inverted = false } = layer;
    const fade = Math.hypot(blur, soft);
    const none = shape.most + grow + fade;
    const full = Math.max(0, shape.least + grow - fade);
    const reach = inverted ? Infinity : none + DISPLACEMENT_LIMIT;
    const [top, bottom] = span(shape.y, reach, plane.height, plane.spacing);
    const [left, right] = span(shape.x, reach, plane.width, plane.spacing);
    for (let row = top; row <= bottom; row++) {
      for (let i = row * plane.width + left; i <= row * plane.width + right; i++) {
        const x = canvas.x[i];
        const y = canvas.y[i];
        const square = (x - shape.x) ** 2 + (y - shape.y) ** 2;
        const inside = square >= none * none
          ? 0
          : square <= full * full
          ? 1
          : coverage((outside(shape, x, y) - grow) / fade);
        const cover = opacity * (inverted ? 1 - inside : inside);
        if (cover === 0) continue;
        const at = tileIndex(x + texture.shift, y + texture.shift);
        const level = tissue.level *
          (1 + tissue.fine * texture.fine[at] + tissue.coarse * texture.coarse[at]);
        signal[i] += cover * (level - signal[i]);
      }
    }
  }
}

/** The share of a pixel that is covered at a distance from the edge, −1 inside … 1 outside. */
function coverage(distance: number): number {
  const t = Math.min(1, Math.max(0, (1 - distance) / 2));
  return t * t * (3 - 2 * t);
}

/** First and last pixel index within `reach` mm of a position. */
function span(centre: number, reach: number, size: number, spacing: number): [number, number] {
  const index = centre / spacing + (size - 1) / 2;
  return [
    Math.max(0, Math.ceil(index - reach / spacing)),
    Math.min(size - 1, Math.floor(index + reach / spacing)),
  ];
}
