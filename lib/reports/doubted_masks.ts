/**
 * Which masks to look at first, and whether to doubt them all.
 *
 * @module
 */
import type { Structure } from "../data/datasets/dataset.ts";
import { isFarFromSeen, seenOf, type SeenVolumes } from "../data/slices/seen_volumes.ts";
import { counted } from "../io/text/amounts.ts";
import { percentile } from "../math/descriptive.ts";
import type { DoubtedMask, PredictedMask } from "./inputs/prediction_input.ts";
import { millilitres } from "./sections/cases_table.ts";

/** Scans from which a volume can be told to be unusual. */
const FEWEST = 5;
/** Modified z-scores from which it is (Iglewicz and Hoaglin, "How to detect and handle outliers", 1993). */
const FAR = 3.5;
/** What makes the median absolute deviation a standard deviation where volumes are normal. */
const NORMAL = 0.6745;
/** A deviation counts as this share of the median at least: volumes may be all but equal. */
const LEAST_SPREAD = 0.05;

/**
 * Masks with what speaks against them, in the order in which to look at them: first those in which
 * nothing was found or a volume lies far from the others' or from the references', then the rest; in
 * both, by doubt.
 *
 * @param references what the masks were like that the model learned from, where it tells.
 */
export function doubtedMasks<T extends PredictedMask>(
  masks: readonly T[],
  structures: readonly Structure[],
  references?: SeenVolumes,
): (T & DoubtedMask)[] {
  const usual = usualVolumes(masks, structures);
  const doubted = masks.map((mask): T & DoubtedMask => {
    if (mask.volumes.every((volume) => volume === 0)) {
      return { ...mask, reasons: ["nothing was found"] };
    }
    const reasons = structures.flatMap(({ label, name }, at) => {
      const volume = mask.volumes[at];
      const { median, spread } = usual[at];
      const others = masks.length >= FEWEST && NORMAL * Math.abs(volume - median) > FAR * spread;
      const far = references && isFarFromSeen(volume, references, { label, of: "one" });
      const against = [
        ...others ? [`median ${millilitres(median)} ml`] : [],
        ...far ? [`references ${referenceText(references, label)}`] : [],
      ];
      return against.length > 0
        ? [[`${name}: ${millilitres(volume)} ml`, ...against].join(", ")]
        : [];
    });
    return { ...mask, reasons };
  });
  const suspect = ({ reasons }: DoubtedMask) => Math.sign(reasons.length);
  return doubted.sort((a, b) => suspect(b) - suspect(a) || (b.doubt ?? 1) - (a.doubt ?? 1));
}

/**
 * A sentence on each structure whose volume lies far from the references' in half of the masks or
 * more: a model that is wrong in all of them alike is not seen by comparing them with each other.
 */
export function volumeWarnings(
  masks: readonly PredictedMask[],
  structures: readonly Structure[],
  references: SeenVolumes | undefined,
): string[] {
  if (!references || masks.length < FEWEST) return [];
  const usual = usualVolumes(masks, structures);
  return structures.flatMap(({ label, name }, at) => {
    const { median } = usual[at];
    if (!isFarFromSeen(median, references, { label, of: "median" })) return [];
    const [low] = seenOf(references, label);
    const [found, learned] = [boundText(median, low), counted(references.masks, "reference mask")];
    const known = referenceText(references, label);
    return [
      `${name}: half of the masks hold ${found}, ${learned} that the model learned from: ${known}. ` +
      "It may be wrong in all of them alike, or these scans are of another kind.",
    ];
  });
}

/** "8 ml or less", of volumes that lie below the references'; "none" of no volume. */
function boundText(median: number, low: number): string {
  if (median === 0) return "none";
  return `${millilitres(median)} ml or ${median < low ? "less" : "more"}`;
}

/** "20 to 130 ml", or "20 ml" where all are alike. */
export function referenceText(references: SeenVolumes, label: number): string {
  const ends = seenOf(references, label).map(millilitres);
  return `${[...new Set(ends)].join(" to ")} ml`;
}

/** Of each structure, the median of volumes, and their median absolute deviation from it. */
function usualVolumes(
  masks: readonly PredictedMask[],
  structures: readonly Structure[],
): { median: number; spread: number }[] {
  const middle = (values: readonly number[]) => percentile(values.toSorted((a, b) => a - b), 0.5);
  return structures.map((_, at) => {
    const volumes = masks.map((mask) => mask.volumes[at]);
    const median = middle(volumes);
    const spread = middle(volumes.map((volume) => Math.abs(volume - median)));
    return { median, spread: Math.max(spread, LEAST_SPREAD * median) };
  });
}
