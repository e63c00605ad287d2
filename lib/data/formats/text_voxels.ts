/**
 * Voxels that are written as text.
 *
 * @module
 */
import { excerpt } from "../../io/text/printable.ts";
import type { Voxels } from "../volumes/volume.ts";
import { ARRAYS, BYTES, type Datatype } from "./datatype.ts";
import { wordsOf } from "./header_text.ts";

/** Most bytes of text, which has to fit into a string. */
const LONGEST_TEXT = 2 ** 28;

/**
 * Voxels that are written as text, in an array of their type; 64-bit integers become float64.
 *
 * @throws {SyntaxError} If there are fewer than `count`, or something else.
 * @throws {RangeError} If a number does not fit the datatype.
 */
export function textVoxels(
  bytes: Uint8Array,
  { datatype, count, source }: { datatype: Datatype; count: number; source: string },
): Voxels {
  if (bytes.length > LONGEST_TEXT || count > bytes.length) {
    throw new SyntaxError(
      `${source}: expected ${count} numbers in at most ${LONGEST_TEXT} bytes of text, found ` +
        `${bytes.length} bytes; write them as raw data`,
    );
  }
  const words = wordsOf(new TextDecoder("latin1").decode(bytes));
  if (words.length < count) {
    throw new SyntaxError(`${source}: expected ${count} numbers, found ${words.length}: truncated`);
  }
  const values = Float64Array.from({ length: count }, (_, i) => numberOf(words[i]));
  const [low, high] = limitsOf(datatype);
  values.forEach((value, i) => {
    const not = /^[-+]?nan$/i.test(words[i]) && low === -Infinity;
    const fits = value >= low && value <= high && (low === -Infinity || Number.isInteger(value));
    if (!not && !fits) {
      throw new RangeError(
        `${source}: expected numbers of type ${datatype}, found ${excerpt(words[i])}`,
      );
    }
  });
  return ARRAYS[datatype].from(values);
}

function numberOf(word: string): number {
  const infinite = word.match(/^([-+]?)inf(inity)?$/i);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  return Number(word);
}

/** The lowest and highest value of a datatype, of integers within ±2⁵³. */
function limitsOf(datatype: Datatype): [low: number, high: number] {
  if (datatype.startsWith("float")) return [-Infinity, Infinity];
  const bits = Math.min(8 * BYTES[datatype], 53);
  if (datatype.startsWith("u")) return [0, 2 ** bits - 1];
  return bits === 53 ? [1 - 2 ** 53, 2 ** 53 - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
