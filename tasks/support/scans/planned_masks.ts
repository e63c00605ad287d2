/**
 * Which masks stand already, and which are to be made.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { counted } from "../../../lib/io/text/amounts.ts";
import type { MaskPath } from "./mask_paths.ts";
import { probabilitiesOf } from "./probabilities.ts";
import type { Standing, WrittenMasks } from "./written_masks.ts";

/** A mask that is to be there in the end. */
export interface PlannedMask extends MaskPath {
  /** What it comes from: a digest. */
  made: string;
  /** What is known of it where it stands already. */
  stands?: Standing;
}

/** Tells masks that stand already, made of the same scans in the same way, from those to be made. */
export function planMasks(
  masks: readonly MaskPath[],
  { origins, written, probable }: {
    /** What each comes from. */
    origins: readonly string[];
    /** What is there. */
    written: WrittenMasks;
    /** Whether probabilities go beside the masks. */
    probable: boolean;
  },
): PlannedMask[] {
  return masks.map((one, i) => {
    const made = origins[i];
    const whole = !probable || existsSync(probabilitiesOf(one.mask));
    return { ...one, made, stands: whole ? written.standing(one.mask, made) : undefined };
  });
}

/** A line on how many masks stand already; none where none does. */
export function standingText(planned: readonly PlannedMask[]): string[] {
  const standing = planned.filter(({ stands }) => stands).length;
  if (standing === 0) return [];
  const all = counted(planned.length, "mask");
  return [
    `${standing} of ${all} ${standing === 1 ? "stands" : "stand"} already: the same model made ` +
    `${standing === 1 ? "it of the same scan" : "them of the same scans"}`,
  ];
}

/** What programs are told of a mask. */
export interface MaskJson extends MaskPath {
  /** Whether it stood already. */
  stood?: true;
  /** Whether nothing was found. */
  empty?: true;
}

/** Masks for programs. */
export function masksJson(
  planned: readonly PlannedMask[],
  empty: readonly string[] = [],
): MaskJson[] {
  return planned.map(({ image, mask, stands }) => ({
    ...{ image, mask },
    ...(stands && { stood: true }),
    ...(empty.includes(mask) && { empty: true }),
  }));
}
