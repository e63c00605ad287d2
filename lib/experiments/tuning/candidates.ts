/**
 * The settings that a search tries.
 *
 * @module
 */
import type { Config } from "../../config/config.ts";
import type { SearchedSetting, SearchSpace } from "../../training/strategies/search_space.ts";

/** What one after the other of a space's settings is spread by. */
const BASES = [2, 3, 5, 7];

/** Digits that a value keeps. */
const DIGITS = 3;

/**
 * The first tries of a search, each as changes "path=value": the configuration's own values, then
 * points of Halton's sequence (1960) over the space, evenly spread by the logarithm. More tries begin
 * with the fewer, and all spaces are tried at the same points.
 *
 * @throws {RangeError} if the space has more settings than there are bases.
 */
export function candidates(config: Config, space: SearchSpace, tries: number): string[][] {
  if (space.length > BASES.length) {
    throw new RangeError(
      `expected at most ${BASES.length} settings to search, found ${space.length}`,
    );
  }
  return Array.from({ length: tries }, (_, n) =>
    space.map((searched, i) => {
      const own = valueOf(config, searched);
      const value = n === 0 ? own : varied(own, searched, radicalInverse(n, BASES[i]));
      return `adaptation.${searched.setting}=${value}`;
    }));
}

/** A value at some place, 0 to 1, between its least and greatest multiple. */
function varied(value: number, { times: [low, high], whole }: SearchedSetting, at: number): number {
  const multiple = value * low * (high / low) ** at;
  return whole ? Math.max(1, Math.round(multiple)) : Number(multiple.toPrecision(DIGITS));
}

/** The digits of n, counted from 1, mirrored at the point: 1 → 0.1, 2 → 0.01, 3 → 0.11 to base 2. */
function radicalInverse(n: number, base: number): number {
  let [sum, place] = [0, 1 / base];
  for (let rest = n; rest > 0; rest = Math.floor(rest / base), place /= base) {
    sum += (rest % base) * place;
  }
  return sum;
}

function valueOf({ adaptation }: Config, { setting }: SearchedSetting): number {
  // deno-lint-ignore no-explicit-any -- the path's type says that there is a number
  return setting.split(".").reduce((value: any, key) => value[key], adaptation);
}
