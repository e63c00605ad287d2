/**
 * The ejection fraction: what cardiologists read from a segmented heart.
 *
 * @module
 */
import { mean } from "../math/descriptive.ts";
import type { CaseMetrics } from "./segmentation.ts";

/** Agreement of the left ventricle's ejection fraction over patients, in percentage points. */
export interface EjectionFraction {
  /** Patients whose fraction is defined in both the prediction and the reference. */
  patients: number;
  /** Mean of the reference fractions in percent. */
  reference_mean: number;
  /** Mean of prediction − reference. */
  bias: number;
  /** Mean of |prediction − reference|. */
  mean_absolute_error: number;
}

/**
 * Compares (EDV − ESV) / EDV of predicted and reference masks of the structure "LV", in percent.
 * Null where no patient has both phases with a ventricle at end diastole.
 */
export function ejectionFraction(records: readonly CaseMetrics[]): EjectionFraction | null {
  const ventricles = Map.groupBy(
    records.filter((record) => record.structure === "LV"),
    (record) => record.patient,
  );
  const pairs = [...ventricles.values()].flatMap((volumes) => {
    const ed = volumes.find((volume) => volume.phase === "ED");
    const es = volumes.find((volume) => volume.phase === "ES");
    if (!ed?.volume_ml || !ed.reference_volume_ml || !es) return [];
    const predicted = 100 * (1 - es.volume_ml / ed.volume_ml);
    const reference = 100 * (1 - es.reference_volume_ml / ed.reference_volume_ml);
    return { reference, error: predicted - reference };
  });
  if (pairs.length === 0) return null;
  return {
    patients: pairs.length,
    reference_mean: mean(pairs.map((pair) => pair.reference)),
    bias: mean(pairs.map((pair) => pair.error)),
    mean_absolute_error: mean(pairs.map((pair) => Math.abs(pair.error))),
  };
}
