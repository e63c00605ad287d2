/**
 * The pixels of one phantom slice: where they lie and what structure the tissues have there.
 *
 * @module
 */
import { type Texture, tileIndex } from "./texture.ts";

/** A slice's pixel grid. */
export interface Plane {
  /** Pixels along x. */
  width: number;
  /** Pixels along y. */
  height: number;
  /** Distance of two pixels in mm, the same along x and y. */
  spacing: number;
}

/** A slice to paint on. */
export interface Canvas {
  /** The pixel grid. */
  plane: Plane;
  /** Position of every pixel in mm to the right of the image's middle, row by row. */
  x: Float32Array;
  /** Position of every pixel in mm below the image's middle, row by row. */
  y: Float32Array;
  /** Structure of the tissues. */
  texture: Texture;
}

/** The largest displacement of a pixel along an axis, in mm. */
export const DISPLACEMENT_LIMIT = 6;

/** Standard deviation of the displacement, in mm. */
const DISPLACEMENT = 1.6;

/**
 * Lays out the pixels of slice `k`. Their positions are displaced smoothly, in plane and from slice to
 * slice, so that no outline is a plain ellipse; images and masks are drawn at the same positions.
 */
export function layOut(plane: Plane, texture: Texture, k: number): Canvas {
  const pixels = plane.width * plane.height;
  const canvas = {
    plane,
    x: new Float32Array(pixels),
    y: new Float32Array(pixels),
    texture: { ...texture, shift: 37 * k },
  };
  const displacement = (at: number) =>
    Math.max(-DISPLACEMENT_LIMIT, Math.min(DISPLACEMENT_LIMIT, DISPLACEMENT * texture.wave[at]));
  for (let i = 0; i < pixels; i++) {
    const x = millimetres(i % plane.width, plane.width, plane.spacing);
    const y = millimetres(Math.floor(i / plane.width), plane.height, plane.spacing);
    canvas.x[i] = x + displacement(tileIndex(x, y + 4 * k));
    canvas.y[i] = y + displacement(tileIndex(x + 128, y + 128 + 4 * k));
  }
  return canvas;
}

/** Position in mm of a pixel index along an axis, 0 at the middle of the image. */
export function millimetres(index: number, size: number, spacing: number): number {
  return (index - (size - 1) / 2) * spacing;
}
