/**
 * From the metrics of single volumes to the averages that are reported, and to the files they are
 * written to: `metrics.csv` and `summary.json`.
 *
 * @module
 */
import { mean, standardDeviation } from "./descriptive.ts";
import { type EjectionFraction, ejectionFraction } from "./ejection_fraction.ts";
import type { StructureMetrics } from "./segmentation.ts";

/** The metrics of one structure in one volume of one patient: a line of `metrics.csv`. */
export interface CaseMetrics extends StructureMetrics {
  /** The patient's id. */
  patient: string;
  /** The patient's disease group, or "". */
  group: string;
  /** The cardiac phase, or "" where it is not known. */
  phase: string;
}

/** Mean values over volumes; a distance is null where no volume has one. */
export interface MeanMetrics {
  /** Mean Dice, in [0, 1]. */
  dice: number;
  /** Mean Hausdorff distance in mm. */
  hausdorff_mm: number | null;
  /** Mean 95th percentile Hausdorff distance in mm. */
  hd95_mm: number | null;
  /** Mean average symmetric surface distance in mm. */
  assd_mm: number | null;
}

/** How often a metric needed a rule, not a measurement. */
export interface Exceptions {
  /** Times that exactly one of the two masks was empty: counted as Dice 0 and the diagonal. */
  missed: number;
  /** Times that both masks were empty: counted as Dice 1, left out of the mean distances. */
  excluded: number;
}

/** One structure's averages over the volumes. */
export interface StructureSummary extends MeanMetrics, Exceptions {
  /** The number of volumes. */
  volumes: number;
  /** Sample standard deviation of Dice over the volumes. */
  dice_sd: number;
}

/** Averages over a set of volumes. */
export interface Averages extends Exceptions {
  /** Mean of the structures' averages, each structure weighing the same. */
  mean: MeanMetrics;
  /** Averages by structure. */
  structures: Record<string, StructureSummary>;
}

/** The content of `summary.json`. */
export interface EvaluationSummary extends Averages {
  /** Version of this form. */
  schema: "pix2rep.evaluation/1";
  /** The number of patients. */
  patients: number;
  /** Averages by cardiac phase; empty where phases are not known. */
  phases: Record<string, Averages>;
  /** Agreement of the ejection fraction; null where no patient has both phases. */
  ejection_fraction: EjectionFraction | null;
  /** Of a Mean Teacher, whose teacher is what all else is about: the averages of its student. */
  student?: MeanMetrics;
}

const distances = ["hausdorff_mm", "hd95_mm", "assd_mm"] as const;

const columns = [
  "patient",
  "group",
  "phase",
  "structure",
  "dice",
  ...distances,
  "missed",
  "volume_ml",
  "reference_volume_ml",
] as const satisfies readonly (keyof CaseMetrics)[];

/** Writes one line per structure and volume as CSV (RFC 4180); a missing distance is empty. */
export function metricsCsv(records: readonly CaseMetrics[]): string {
  const lines = records.map((record) => columns.map((column) => csvField(record[column])));
  return [columns, ...lines].map((fields) => `${fields.join(",")}\r\n`).join("");
}

function csvField(value: string | number | boolean | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Averages the metrics of volumes per structure, overall and by phase; every volume, that is every
 * phase of every patient, weighs the same.
 *
 * @param student The metrics of a Mean Teacher's student; then `records` are those of its teacher.
 * @throws {RangeError} If there are no records.
 */
export function summarise(
  records: readonly CaseMetrics[],
  student?: readonly CaseMetrics[],
): EvaluationSummary {
  if (records.length === 0) {
    throw new RangeError("Expected metrics of at least one volume to summarise, found none");
  }
  const phased = records.filter((record) => record.phase !== "");
  return {
    schema: "pix2rep.evaluation/1",
    patients: new Set(records.map((record) => record.patient)).size,
    ...averages(records),
    phases: Object.fromEntries(groups(phased, "phase").map(([name, of]) => [name, averages(of)])),
    ejection_fraction: ejectionFraction(records),
    ...(student && { student: averages(student).mean }),
  };
}

function averages(records: readonly CaseMetrics[]): Averages {
  const structures = groups(records, "structure")
    .map(([name, of]): [string, StructureSummary] => [name, structureSummary(of)]);
  return {
    mean: meanMetrics(structures.map(([, summary]) => summary)),
    ...exceptions(records),
    structures: Object.fromEntries(structures),
  };
}

function structureSummary(records: readonly CaseMetrics[]): StructureSummary {
  return {
    volumes: records.length,
    ...meanMetrics(records),
    dice_sd: standardDeviation(records.map((record) => record.dice)),
    ...exceptions(records),
  };
}

function meanMetrics(items: readonly MeanMetrics[]): MeanMetrics {
  const [hausdorff_mm, hd95_mm, assd_mm] = distances.map((metric) => {
    const measured = items.map((item) => item[metric]).filter((value) => value !== null);
    return measured.length ? mean(measured) : null;
  });
  return { dice: mean(items.map((item) => item.dice)), hausdorff_mm, hd95_mm, assd_mm };
}

function exceptions(records: readonly CaseMetrics[]): Exceptions {
  return {
    missed: records.filter((record) => record.missed).length,
    excluded: records.filter((record) => record.assd_mm === null).length,
  };
}

/** Groups records by a field, in order of first appearance. */
function groups(
  records: readonly CaseMetrics[],
  field: "structure" | "phase",
): [string, CaseMetrics[]][] {
  return [...Map.groupBy(records, (record) => record[field])];
}
