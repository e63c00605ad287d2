/**
 * Seeded randomness. Every random decision of the toolkit comes from a generator that is named by
 * its purpose, `random(seed, "views", step)`, so that no generator state has to be saved to resume
 * a run and no decision depends on how many were taken before it.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A source of random numbers. */
export interface Random {
  /** A number in [low, high), with 53 random bits; [0, 1) by default. */
  uniform(low?: number, high?: number): number;
  /** A sample of the standard normal distribution (Box–Muller). */
  normal(): number;
  /** A whole number in [0, end). */
  integer(end: number): number;
  /** A copy of `items` in random order (Fisher–Yates). */
  shuffle<T>(items: Iterable<T>): T[];
}

/**
 * Makes the generator that belongs to a key: the same key gives the same numbers everywhere.
 *
 * @example
 * ```ts
 * import { random } from "./random.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(random(7, "noise", 3).uniform(), random(7, "noise", 3).uniform());
 * assert.notEqual(random(7, "noise", 3).uniform(), random(7, "noise", 4).uniform());
 * ```
 */
export function random(...key: (number | string)[]): Random {
  const generator = xoroshiro128plus(hash(JSON.stringify(key)));
  const bits = () => generator.next() >>> 0;
  const unit = () => ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6)) / 2 ** 53;
  const integer = (end: number) => Math.floor(unit() * end);
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * unit(),
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    integer,
    shuffle: (items) => {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
      }
      return shuffled;
    },
  };
}

/** FNV-1a with a final avalanche (MurmurHash3's), to a signed 32-bit integer. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
