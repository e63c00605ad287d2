/**
 * Closed outlines of the phantom's organs, in millimetres of one slice plane.
 *
 * @module
 */
import type { Random } from "../../math/random.ts";

/** A function of the angle, in radians from +x towards +y. */
export type Radius = (angle: number) => number;

/** A star-shaped outline: a centre and a radius per direction. */
export interface Contour {
  /** Centre in mm to the right of the image's middle. */
  x: number;
  /** Centre in mm below the image's middle. */
  y: number;
  /** Radius in mm at equally spaced angles from 0 to a full turn, both included. */
  radii: Float64Array;
  /** The smallest radius. */
  least: number;
  /** The largest radius. */
  most: number;
}

const ANGLES = 128;
const STEP = 2 * Math.PI / ANGLES;

/** Samples an outline; radii below 0 become 0. */
export function contour(x: number, y: number, radius: Radius): Contour {
  const radii = new Float64Array(ANGLES + 1);
  for (let i = 0; i < ANGLES; i++) radii[i] = Math.max(0, radius(i * STEP));
  radii[ANGLES] = radii[0];
  return { x, y, radii, least: Math.min(...radii), most: Math.max(...radii) };
}

/** The outline with every radius changed. */
export function reshape(
  shape: Contour,
  change: (radius: number, angle: number) => number,
): Contour {
  const radius = (angle: number) => shape.radii[Math.round(angle / STEP)];
  return contour(shape.x, shape.y, (angle) => change(radius(angle), angle));
}

/** How far the point (x, y) lies outside the outline along its ray, in mm; negative inside. */
export function outside(shape: Contour, x: number, y: number): number {
  const dx = x - shape.x;
  const dy = y - shape.y;
  const turns = Math.atan2(dy, dx) / STEP;
  const position = turns < 0 ? turns + ANGLES : turns;
  const below = Math.min(ANGLES - 1, Math.floor(position));
  const from = shape.radii[below];
  const to = shape.radii[below + 1];
  return Math.sqrt(dx * dx + dy * dy) - (from + (position - below) * (to - from));
}

/** Radius of an ellipse with half axes `a` (along `angle`) and `b`. */
export function ellipse(a: number, b: number, angle = 0): Radius {
  return (theta) => a * b / Math.hypot(b * Math.cos(theta - angle), a * Math.sin(theta - angle));
}

/**
 * A random closed ripple with mean 0: Fourier terms `from` to `to`, whose amplitudes fall as 1/n,
 * scaled to about `amplitude` at their peaks.
 */
export function ripple(rng: Random, amplitude: number, from = 2, to = 6): Radius {
  const terms: [number, number, number][] = [];
  for (let n = from; n <= to; n++) {
    terms.push([n, amplitude * rng.normal() * from / n / 2, rng.uniform(0, 2 * Math.PI)]);
  }
  return (angle) =>
    terms.reduce((sum, [n, size, phase]) => sum + size * Math.cos(n * angle + phase), 0);
}

/** A smooth bump of height 1 around `centre`, falling to 1/e at `width` radians. */
export function bump(angle: number, centre: number, width: number): number {
  const turn = Math.atan2(Math.sin(angle - centre), Math.cos(angle - centre));
  return Math.exp(-((turn / width) ** 2));
}
