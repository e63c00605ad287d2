/**
 * Which encoder–decoder, and what each kind asks of its size.
 *
 * @module
 */

/** Every kind of encoder–decoder. */
export const BACKBONES = ["unet", "residual-unet", "convnext-unet"] as const;

/** A kind of encoder–decoder, one of {@linkcode BACKBONES}. */
export type BackboneName = typeof BACKBONES[number];

/** Which encoder–decoder, and its size. */
export interface BackboneSettings {
  /** Which kind of encoder–decoder. */
  name: BackboneName;
  /**
   * Channels of each level from the top: for `unet` even from the second on, for the others 4 or more.
   * Their squares add up to at most 2^24.
   */
  widths: readonly number[];
  /** Features of a pixel. */
  features: number;
}

/** What a kind asks of its widths, in words and as a test. */
interface WidthRule {
  words: string;
  holds: (widths: readonly number[]) => boolean;
}

/** Of a norm over one to three channels of a pixel, little or nothing is left. */
const FOUR_OR_MORE: WidthRule = {
  words: "each 4 or more",
  holds: (widths) => widths.every((width) => width >= 4),
};

const WIDTH_RULES: Record<BackboneName, WidthRule> = {
  "unet": {
    words: "even from the second on",
    holds: (widths) => widths.slice(1).every((width) => width % 2 === 0),
  },
  "residual-unet": FOUR_OR_MORE,
  "convnext-unet": FOUR_OR_MORE,
};

/** What height and width must be a multiple of: every level but the first halves them. */
export function backboneDivisor(widths: readonly number[]): number {
  return 2 ** (widths.length - 1);
}

/**
 * Checks that a kind of encoder–decoder can have these widths.
 *
 * @param source What asks for them, for the error.
 * @throws {RangeError} for fewer than two widths, or some that do not suit its layers.
 */
export function checkWidths(
  { name, widths }: Pick<BackboneSettings, "name" | "widths">,
  source: string,
): void {
  const { words, holds } = WIDTH_RULES[name];
  if (widths.length >= 2 && holds(widths)) return;
  throw new RangeError(`${source}: expected two or more widths, ${words}, found [${widths}]`);
}
