/**
 * Smoothed noise that gives the phantom's tissues their structure.
 *
 * @module
 */
import type { Random } from "../../math/random.ts";

/** Noise on periodic tiles of 1 mm pixels, mean 0 and variance 1. */
export interface Texture {
  /** Correlated over about 2 mm. */
  fine: Float32Array;
  /** Correlated over about 10 mm. */
  coarse: Float32Array;
  /** Correlated over about 20 mm. */
  wave: Float32Array;
  /** Where the tiles of `fine` and `coarse` lie, in mm along both axes. */
  shift: number;
}

const SIDE = 256;

/** Draws a texture. */
export function drawTexture(rng: Random): Texture {
  const [fine, coarse, wave] = [1, 6, 11].map((reach) => smoothNoise(rng, reach));
  return { fine, coarse, wave, shift: 0 };
}

/** Index into a tile at a point in mm. */
export function tileIndex(x: number, y: number): number {
  return (Math.floor(y) & (SIDE - 1)) * SIDE + (Math.floor(x) & (SIDE - 1));
}

/** White noise after three box means of `2·reach + 1` pixels along each axis, standardised. */
function smoothNoise(rng: Random, reach: number): Float32Array {
  let tile = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < tile.length; i++) tile[i] = rng.uniform(-1, 1);
  for (const stride of [1, SIDE, 1, SIDE, 1, SIDE]) tile = boxMean(tile, stride, reach);
  const deviation = Math.sqrt(tile.reduce((sum, value) => sum + value * value, 0) / tile.length);
  return tile.map((value) => value / deviation);
}

/** Running sum over `2·reach + 1` pixels along the axis with the given stride, periodic. */
function boxMean(tile: Float32Array, stride: number, reach: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(tile.length);
  for (let line = 0; line < SIDE; line++) {
    const start = line * (stride === 1 ? SIDE : 1);
    const at = (i: number) => start + (i & (SIDE - 1)) * stride;
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += tile[at(i)];
    for (let i = 0; i < SIDE; i++) {
      result[at(i)] = sum;
      sum += tile[at(i + reach + 1)] - tile[at(i - reach)];
    }
  }
  return result;
}
