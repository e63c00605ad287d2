/**
 * Whom to label first, and of each which slices: a selection from a cohort.
 *
 * @module
 */
import { median } from "../math/descriptive.ts";
import { standardised } from "../math/points.ts";
import { patientDescriptors, type PatientFeatures } from "./patient_features.ts";
import {
  byTypicality,
  remoteness,
  selectPositions,
  type SelectPositionsOptions,
} from "./select_patients.ts";
import { slicesByWorth } from "./select_slices.ts";

/** A patient, compared with the others. */
export interface SelectedPatient {
  /** The patient's id. */
  patient: string;
  /**
   * How far the patient's features lie from those of the nearest patients, relative to the median of
   * all: about 1 is usual, far more an outlier.
   */
  remoteness: number;
  /** Positions in the patient's `slices`, the slice that is worth most first. */
  order: number[];
}

/** Whom to label, and who is least like the others. */
export interface Selection {
  /** Whom to label, the first first. */
  chosen: SelectedPatient[];
  /** Up to five patients who are least like the others, the least first. */
  outliers: SelectedPatient[];
}

/** Patients who are told as outliers, at most. */
const OUTLIERS = 5;

/**
 * Selects patients of a cohort to label first, by their features alone.
 *
 * @throws {RangeError} if the cohort has fewer patients than are asked for, or none is.
 */
export function selectForLabelling(
  cohort: readonly PatientFeatures[],
  options: SelectPositionsOptions,
): Selection {
  const points = patientDescriptors(cohort);
  const chosen = selectPositions(points, options);
  const remote = remoteness(points);
  const usual = median(remote) || 1;
  const rows = standardised(cohort.flatMap(({ slices }) => slices.map(({ features }) => features)));
  const ends = cohort.map((_, i) =>
    cohort.slice(0, i + 1).reduce((sum, { slices }) => sum + slices.length, 0)
  );
  const told = (i: number): SelectedPatient => ({
    patient: cohort[i].patient,
    remoteness: remote[i] / usual,
    order: slicesByWorth(rows.slice(ends[i] - cohort[i].slices.length, ends[i]), rows),
  });
  return {
    chosen: chosen.map(told),
    outliers: byTypicality(points).reverse().slice(0, OUTLIERS).map(told),
  };
}
