/**
 * What the masks of some scans do not show, though it is to be learnt from them or tested on them.
 *
 * @module
 */
import type { CohortScan } from "./cohort.ts";
import type { Region, Structure } from "../datasets/dataset.ts";
import { IGNORED } from "../masks/labels.ts";
import { type Evaluated, evaluatedRegions } from "../masks/regions.ts";

/** Lines on empty masks, and on structures that are in no mask: the model will not learn them. */
export function untaughtWarnings(
  scans: readonly CohortScan[],
  structures: readonly Structure[],
): string[] {
  const empty = scans.filter(isEmpty);
  if (empty.length === scans.length) {
    return [
      `no structure is outlined in the masks of ${names(scans)}: the model will find nothing; ` +
      "choose other labelled patients",
    ];
  }
  const absent = absentNames(scans, { structures });
  return [
    ...(empty.length > 0
      ? [`nothing is outlined in the masks of ${names(empty)}: all of it counts as background`]
      : []),
    ...absent.map((name) =>
      `no labelled scan has ${name}: the model will not find it; choose other labelled patients`
    ),
  ];
}

/** A line for each structure, or region, that no scan to test on has. */
export function untestedWarnings(scans: readonly CohortScan[], evaluated: Evaluated): string[] {
  return absentNames(scans, evaluated).map((name) =>
    `no test scan has ${name}: where it is found, that counts as Dice 0, and else there is nothing ` +
    "to measure; choose other test patients to learn how well it is found"
  );
}

/** The patients in whose masks nothing is outlined. */
export function emptyPatients(scans: readonly CohortScan[]): string[] {
  return [...Map.groupBy(scans, ({ patient }) => patient)]
    .filter(([, of]) => of.every(isEmpty))
    .map(([patient]) => patient);
}

function isEmpty({ reference }: CohortScan): boolean {
  return !reference?.some((label) => label !== 0 && label !== IGNORED);
}

function absentNames(scans: readonly CohortScan[], evaluated: Evaluated): string[] {
  const seen = new Set<number>();
  for (const { reference = [] } of scans) for (const label of reference) seen.add(label);
  const absent = ({ labels }: Region) => !labels.some((label) => seen.has(label));
  return evaluatedRegions(evaluated).filter(absent).map(({ name }) => name);
}

/** "patient001 ED, patient002", each scan by its patient and phase. */
function names(scans: readonly CohortScan[]): string {
  const all = scans.map(({ patient, phase }) => [patient, phase].filter(Boolean).join(" "));
  return [...new Set(all)].join(", ");
}
