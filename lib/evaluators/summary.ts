/**
 * From the metrics of single volumes to the averages that are reported, and to the files they are
 * written to: `metrics.csv` and `summary.json`.
 *
 * @module
 */
import type { Protocol } from "../config/data_settings.ts";
import { csvCell } from "../io/text/csv_cell.ts";
import { meanOfKnown, standardDeviation } from "../math/descriptive.ts";
import type { CleaningTrial } from "./cleaning_trial.ts";
import { type EjectionFraction, ejectionFraction } from "./ejection_fraction.ts";
import { NSD_TOLERANCE } from "./metrics.ts";
import type { CaseMetrics } from "./segmentation.ts";

/** Mean values over volumes that have one; null where none has. */
export interface MeanMetrics {
  /** Mean Dice, in [0, 1]. */
  dice: number | null;
  /** Mean Hausdorff distance in mm. */
  hausdorff_mm: number | null;
  /** Mean 95th percentile Hausdorff distance in mm. */
  hd95_mm: number | null;
  /** Mean average symmetric surface distance in mm. */
  assd_mm: number | null;
  /** Mean normalised surface distance, in [0, 1]. */
  nsd: number | null;
}

/** How often a metric needed a rule, not a measurement. */
export interface Exceptions {
  /** Times that exactly one of the two masks was empty: counted as Dice 0 and the diagonal. */
  missed: number;
  /** Times that both masks were empty: there is nothing to measure, and no mean counts them. */
  both_empty: number;
}

/** One structure's averages over the volumes. */
export interface StructureSummary extends MeanMetrics, Exceptions {
  /** The number of volumes, those with both masks empty included. */
  volumes: number;
  /** Sample standard deviation of Dice over the volumes that have one; null where none has. */
  dice_sd: number | null;
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
  schema: "pix2rep.evaluation/2";
  /** The number of patients. */
  patients: number;
  /** The tolerance of NSD in mm. */
  nsd_tolerance_mm: number;
  /** Averages by cardiac phase; empty where phases are not known. */
  phases: Record<string, Averages>;
  /** Agreement of the ejection fraction; null where no patient has both phases. */
  ejection_fraction: EjectionFraction | null;
  /** The averages of a student, whose teacher all else is about. */
  student?: MeanMetrics;
  /** What cleaning masks up would come to, where that was tried. */
  cleaning?: readonly CleaningTrial[];
  /** What must be known of the figures; absent where nothing must. */
  warnings?: readonly string[];
}

const overlapAndDistances = ["dice", "hausdorff_mm", "hd95_mm", "assd_mm"] as const;
const metrics = [...overlapAndDistances, "nsd"] as const;

const columns = [
  "patient",
  "group",
  "phase",
  "structure",
  ...overlapAndDistances,
  "missed",
  "volume_ml",
  "reference_volume_ml",
  // Last, so that all others stand where they always stood.
  "nsd",
] as const satisfies readonly (keyof CaseMetrics)[];

/**
 * Writes one line per structure and volume as CSV (RFC 4180); a metric that there is none of is empty,
 * and a name that a spreadsheet would take for a formula has an apostrophe before it. Where scans were
 * not read whole, a last column names the protocol.
 */
export function metricsCsv(
  records: readonly CaseMetrics[],
  { protocol = "whole-scans" }: { protocol?: Protocol } = {},
): string {
  const named = protocol === "whole-scans" ? undefined : protocol;
  const lines = records.map((record) => [
    ...columns.map((column) => csvCell(record[column])),
    ...(named ? [named] : []),
  ]);
  const header = [...columns, ...(named ? ["protocol"] : [])];
  return [header, ...lines].map((fields) => `${fields.join(",")}\r\n`).join("");
}

/** Options of {@linkcode summarise}. */
export interface SummariseOptions {
  /** The metrics of a student; then the others are those of its teacher. */
  student?: readonly CaseMetrics[];
  /** The tolerance in mm that NSD was measured at; {@linkcode NSD_TOLERANCE} by default. */
  tolerance?: number;
  /** What cleaning masks up would come to; not tried by default. */
  cleaning?: readonly CleaningTrial[];
  /** What must be known of the figures, such as {@linkcode protocolWarnings}; nothing by default. */
  warnings?: readonly string[];
}

/**
 * Averages the metrics of volumes per structure, overall and by phase; every volume, that is every
 * phase of every patient, weighs the same, but for those in which both masks are empty.
 *
 * @throws {RangeError} If there are no records.
 */
export function summarise(
  records: readonly CaseMetrics[],
  { student, tolerance = NSD_TOLERANCE, cleaning, warnings = [] }: SummariseOptions = {},
): EvaluationSummary {
  if (records.length === 0) {
    throw new RangeError("Expected metrics of at least one volume to summarise, found none");
  }
  const phased = records.filter((record) => record.phase !== "");
  return {
    schema: "pix2rep.evaluation/2",
    patients: new Set(records.map((record) => record.patient)).size,
    nsd_tolerance_mm: tolerance,
    ...averages(records),
    phases: Object.fromEntries(groups(phased, "phase").map(([name, of]) => [name, averages(of)])),
    ejection_fraction: ejectionFraction(records),
    ...(student && { student: averages(student).mean }),
    ...(cleaning && { cleaning }),
    ...(warnings.length > 0 && { warnings }),
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
  const dice = records.map((record) => record.dice).filter((value) => value !== null);
  return {
    volumes: records.length,
    ...meanMetrics(records),
    dice_sd: dice.length > 0 ? standardDeviation(dice) : null,
    ...exceptions(records),
  };
}

function meanMetrics(items: readonly MeanMetrics[]): MeanMetrics {
  const [dice, hausdorff_mm, hd95_mm, assd_mm, nsd] = metrics.map((metric) =>
    meanOfKnown(items.map((item) => item[metric]))
  );
  return { dice, hausdorff_mm, hd95_mm, assd_mm, nsd };
}

function exceptions(records: readonly CaseMetrics[]): Exceptions {
  return {
    missed: records.filter((record) => record.missed).length,
    both_empty: records.filter((record) => record.dice === null).length,
  };
}

/** Groups records by a field, in order of first appearance. */
function groups(
  records: readonly CaseMetrics[],
  field: "structure" | "phase",
): [string, CaseMetrics[]][] {
  return [...Map.groupBy(records, (record) => record[field])];
}
