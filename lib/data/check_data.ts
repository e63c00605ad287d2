/**
 * A look at a whole dataset: reads every file, reports geometry, labels and problems.
 *
 * @module
 */
import type { Dataset, Patient, Scan } from "./dataset.ts";
import { type LoadedScan, readScan, valueRange } from "./read_scan.ts";

/** What one scan holds, or why it cannot be read. */
export interface ScanReport {
  /** The patient's id. */
  patient: string;
  /** The patient's disease group, or "". */
  group: string;
  /** The part of the layout the patient stands in. */
  part: Patient["part"];
  /** Cardiac phase, where it is known. */
  phase?: Scan["phase"];
  /** Path of the image. */
  image: string;
  /** (x, y, z) or (x, y, z, t); absent, as all that follows, if the scan cannot be read. */
  shape?: readonly number[];
  /** Size of a voxel in mm. */
  spacing?: readonly number[];
  /** Lowest and highest intensity. */
  intensities?: [low: number, high: number];
  /** Voxels of each structure, by name; absent without a mask. */
  labelVoxels?: Record<string, number>;
  /** Slices in which the mask outlines nothing; absent without a mask. */
  emptySlices?: number;
  /** What is odd but bearable, one sentence each. */
  warnings: string[];
  /** Why the scan cannot be used, in one line. */
  error?: string;
}

/** What a dataset holds. */
export interface DataReport {
  /** Its name. */
  dataset: string;
  /** Its layout. */
  layout: string;
  /** Number of patients. */
  patients: number;
  /** Names of the structures, in order of label. */
  structures: string[];
  /** Every scan and every cine, in the dataset's order. */
  scans: ScanReport[];
  /** How many scans cannot be used. */
  errors: number;
}

/**
 * Reads every file of a dataset. Problems are collected, not thrown.
 *
 * @param onScan Told of every scan as it is read: its report, its index, and how many there are.
 */
export async function checkDataset(
  dataset: Dataset,
  onScan?: (report: ScanReport, index: number, total: number) => void,
): Promise<DataReport> {
  const all = dataset.patients.flatMap((patient) =>
    [...patient.scans, ...cineOf(patient)].map((scan) => ({ patient, scan }))
  );
  const scans: ScanReport[] = [];
  for (const { patient, scan } of all) {
    const report = await checkScan(patient, scan, dataset);
    onScan?.(report, scans.length, all.length);
    scans.push(report);
  }
  return {
    dataset: dataset.name,
    layout: dataset.layout,
    patients: dataset.patients.length,
    structures: dataset.structures.map(({ name }) => name),
    scans,
    errors: scans.filter(({ error }) => error !== undefined).length,
  };
}

/** The patient's cine as a scan, unless it is the file that the scans are taken from. */
function cineOf({ cine, scans }: Patient): Scan[] {
  return cine === undefined || scans.some(({ image }) => image === cine) ? [] : [{ image: cine }];
}

async function checkScan(patient: Patient, scan: Scan, dataset: Dataset): Promise<ScanReport> {
  const { id, group, part } = patient;
  const { image, phase } = scan;
  const known = { patient: id, group, part, ...(phase && { phase }), image };
  try {
    return { ...known, ...describe(await readScan(scan, dataset), dataset) };
  } catch (error) {
    return { ...known, warnings: [], error: (error as Error).message };
  }
}

function describe(
  { image, mask }: LoadedScan,
  dataset: Dataset,
): Omit<ScanReport, "patient" | "group" | "part" | "image"> {
  const { shape, spacing } = image;
  const warnings = [...new Set([...image.warnings, ...mask?.warnings ?? []])];
  const described = { shape, spacing, intensities: valueRange(image.voxels), warnings };
  if (!mask) return described;
  const counts = new Array<number>(dataset.structures.length + 1).fill(0);
  for (const label of mask.voxels) counts[label]++;
  const labelVoxels = Object.fromEntries(
    dataset.structures.map(({ name, label }) => [name, counts[label]]),
  );
  return { ...described, labelVoxels, emptySlices: countEmptySlices(mask.voxels, shape) };
}

function countEmptySlices(labels: Uint8Array, [width, height]: readonly number[]): number {
  const size = width * height;
  let empty = 0;
  for (let start = 0; start < labels.length; start += size) {
    if (labels.subarray(start, start + size).every((label) => label === 0)) empty++;
  }
  return empty;
}

/** The report as text: a row for each scan, then a summary, warnings and errors. */
export function formatDataReport(report: DataReport): string {
  const { structures, scans, patients, errors } = report;
  const heads = ["patient", "group", "phase", "shape", "spacing mm", "intensities"];
  const rows = scans.filter(({ error }) => error === undefined).map((scan) => [
    scan.patient,
    scan.group,
    scan.phase ?? "",
    scan.shape!.join("×"),
    scan.spacing!.map(short).join("×"),
    scan.intensities!.map(short).join("…"),
    ...structures.map((name) => `${scan.labelVoxels?.[name] ?? "–"}`),
    `${scan.emptySlices ?? "–"}`,
  ]);
  const masks = scans.filter(({ labelVoxels }) => labelVoxels).length;
  const found = [
    `${report.dataset} (${report.layout})`,
    counted(patients, "patient"),
    counted(scans.length, "scan"),
    counted(masks, "mask"),
    counted(errors, "error"),
  ].join(", ");
  return [
    ...(rows.length > 0 ? [table([...heads, ...structures, "empty slices"], rows), ""] : []),
    found,
    ...warningLines(scans),
    ...scans.flatMap(({ error }) => error ?? []).map((error) => `error: ${error}`),
  ].join("\n");
}

/** Each warning once, with how many scans it concerns and the first of them. */
function warningLines(scans: readonly ScanReport[]): string[] {
  const concerned = Map.groupBy(
    scans.flatMap(({ warnings, image }) => warnings.map((warning) => ({ warning, image }))),
    ({ warning }) => warning,
  );
  return [...concerned].map(([warning, [{ image }, ...others]]) =>
    `warning: ${warning} (${image}${others.length > 0 ? ` and ${others.length} more` : ""})`
  );
}

/** Left-aligned columns, two spaces apart; those in which every row is blank are left out. */
function table(heads: string[], rows: string[][]): string {
  const columns = heads.map((head, i) => [head, ...rows.map((row) => row[i])])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ""));
  const padded = columns.map((column) => {
    const width = Math.max(...column.map(({ length }) => length));
    return column.map((cell) => cell.padEnd(width));
  });
  return [heads, ...rows].map((_, i) => padded.map((column) => column[i]).join("  ").trimEnd())
    .join("\n");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number in at most four significant digits. */
function short(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}
