/**
 * Pseudonyms of patients, so that nothing that is written or shown names them.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";

/** Digits of a pseudonym at least. */
const DIGITS = 3;

/**
 * A dataset whose patients are called P001, P002, … in the order of their ids: the same whenever the
 * dataset is opened, as long as nobody joins it. Whoever has the dataset can tell who they are, and
 * nobody else; the key is kept nowhere.
 */
export function pseudonymised(dataset: Dataset): Dataset {
  const digits = Math.max(DIGITS, `${dataset.patients.length}`.length);
  const pseudonyms = new Map(
    dataset.patients.map(({ id }, i) => [id, `P${`${i + 1}`.padStart(digits, "0")}`]),
  );
  const patients = dataset.patients.map((patient) => ({
    ...patient,
    id: pseudonyms.get(patient.id)!,
  }));
  return { ...dataset, patients, pseudonyms };
}
