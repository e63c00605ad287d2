/**
 * Warnings of scans that are unlike all that a model was trained on.
 *
 * @module
 */
import type { PreparedVolume } from "../../lib/data/slices/preprocess.ts";
import { unseenWarnings } from "../../lib/data/slices/seen_scans.ts";
import type { OpenModel } from "./model.ts";

/** A sentence on each thing in which a scan, as prepared for a model, is unlike those it has seen. */
export function unlikeTraining(
  { info, config: { data } }: OpenModel,
  { facts }: Pick<PreparedVolume, "facts">,
): string[] {
  if (!info?.seen) return [];
  return unseenWarnings(facts, info.seen, { windowed: data.window !== "percentiles" });
}
