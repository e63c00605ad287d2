/**
 * How large structures were in the masks that a model learned from, and which volumes of its own
 * masks lie far from that: a model may be wrong in the same way in all of them.
 *
 * @module
 */
import * as v from "valibot";
import { IGNORED } from "../masks/labels.ts";
import { type Extent, EXTENT_SCHEMA, joined } from "./extent.ts";

/** The volumes of a mask's structures in ml, by label. */
export type LabelVolumes = Readonly<Record<string, number>>;

/** How large structures were in some masks. */
export interface SeenVolumes {
  /** Of how many masks, at least. */
  masks: number;
  /** The least and the greatest volume in ml, by label; one that not all masks have is 0 at least. */
  ml: Readonly<Record<string, Extent>>;
}

/** What a file may hold for {@linkcode SeenVolumes}. */
export const SEEN_VOLUMES_SCHEMA: v.GenericSchema<SeenVolumes> = v.object({
  masks: v.number(),
  ml: v.record(v.string(), EXTENT_SCHEMA),
});

/*
 * By which factor a volume may lie beyond those of some reference masks. Measured on 29 November 2026
 * on the references of ACDC, of the hippocampi and of the phantom, some masks, or those of some
 * patients, against all others: one volume lies beyond those of 1 mask by 28.6 at most, of 2 by 25.5,
 * of 5 by 16.7, of 10 by 11.3, of 20 by 7.4, of 40 by 5.1; the median of five or more lies beyond those
 * of 1 by 13.5, of 2 by 7.0, of 5 by 4.0, of 10 by 2.3, of 20 by 1.6. Hearts decide it, which are
 * measured full and empty; a patient of theirs has both.
 */
const FACTORS = {
  one: (masks: number) => Math.max(3, 40 / Math.sqrt(masks)),
  median: (masks: number) => 1.5 + 15 / masks,
};

/** The volumes in a mask; undefined where parts of it were not looked at, so that they are not known. */
export function volumesOf(
  labels: Uint8Array,
  [x, y, z]: readonly number[],
): LabelVolumes | undefined {
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label]++;
  if (counts[IGNORED] > 0) return undefined;
  return Object.fromEntries(
    [...counts.entries()].slice(1).filter(([, count]) => count > 0)
      .map(([label, count]) => [label, count * x * y * z / 1000]),
  );
}

/** The volumes of some masks; undefined of none. */
export function seenVolumes(all: readonly LabelVolumes[]): SeenVolumes | undefined {
  return joinVolumes(...all.map((volumes): SeenVolumes => ({
    masks: all.length,
    ml: Object.fromEntries(Object.entries(volumes).map(([label, ml]) => [label, [ml, ml]])),
  })));
}

/** The volumes of several sets of masks, which may overlap: their number is that of the largest. */
export function joinVolumes(
  ...sets: readonly (SeenVolumes | undefined)[]
): SeenVolumes | undefined {
  const known = sets.filter((set) => set !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => ({
    masks: Math.max(a.masks, b.masks),
    ml: Object.fromEntries(
      [...new Set([a, b].flatMap(({ ml }) => Object.keys(ml)))]
        .map((label) => [label, joined(seenOf(a, label), seenOf(b, label))]),
    ),
  }));
}

/** The least and the greatest volume of a structure in some masks. */
export function seenOf({ ml }: SeenVolumes, label: number | string): Extent {
  return ml[label] ?? [0, 0];
}

/**
 * Whether a volume of a structure, or the median of five or more, lies far beyond those of masks that
 * were seen. The fewer these are, the farther it may lie.
 */
export function isFarFromSeen(
  volume: number,
  seen: SeenVolumes,
  { label, of }: { label: number; of: keyof typeof FACTORS },
): boolean {
  const [low, high] = seenOf(seen, label);
  const factor = FACTORS[of](seen.masks);
  return volume < low / factor || volume > high * factor;
}
