/**
 * A look at a whole dataset: reads every file, reports geometry, labels and problems.
 *
 * @module
 */
import type { Dataset, Patient, Scan, UnusedFile } from "../dataset.ts";
import { takeFrame } from "../../volumes/frames.ts";
import { IGNORED } from "../../masks/labels.ts";
import { type LoadedScan, readScan } from "../read_scan.ts";
import { valueRange } from "./scan_notes.ts";
import { outlinedPlanes } from "../../masks/outlines.ts";
import { maskWarnings } from "./scan_warnings.ts";
import type { VoxelOrder } from "../../volumes/voxel_order.ts";

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
  /**
   * (x, y, z) or (x, y, z, t) in the cohort's order of voxels, slices along z; absent, as all that
   * follows, if the scan cannot be read.
   */
  shape?: readonly number[];
  /** Size of a voxel in mm, in the same order. */
  spacing?: readonly number[];
  /** Lowest and highest intensity of each channel. */
  intensities?: [low: number, high: number][];
  /** Voxels of each structure, by name; absent without a mask. */
  labelVoxels?: Record<string, number>;
  /** Slices in which the mask outlines nothing; absent without a mask. */
  emptySlices?: number;
  /** Voxels that nobody labelled, where there are any. */
  ignoredVoxels?: number;
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
  /** The values that masks have for each structure, where they are not 1, 2, … in this order. */
  values?: Record<string, readonly number[]>;
  /** Names of the channels, where there are several. */
  channels?: readonly string[];
  /** The order that voxels are brought to. */
  order?: VoxelOrder;
  /** Every scan and every cine, in the dataset's order. */
  scans: ScanReport[];
  /** Files that look like scans or masks and are not used, and why. */
  unused: readonly UnusedFile[];
  /** How many scans cannot be used. */
  errors: number;
}

/** Told of every scan as it is read: its report, its index, how many there are, and its voxels. */
export type OnScanChecked = (
  report: ScanReport,
  index: number,
  total: number,
  loaded?: LoadedScan,
) => unknown;

/** Reads every file of a dataset. Problems are collected, not thrown. */
export async function checkDataset(
  dataset: Dataset,
  onScan?: OnScanChecked,
): Promise<DataReport> {
  const all = dataset.patients.flatMap((patient) =>
    [...patient.scans, ...cineOf(patient)].map((scan) => ({ patient, scan }))
  );
  const scans: ScanReport[] = [];
  for (const { patient, scan } of all) {
    const { report, loaded } = await checkScan(patient, scan, dataset);
    await onScan?.(report, scans.length, all.length, loaded);
    scans.push(report);
  }
  const { name, layout, structures, channels, order, unused = [] } = dataset;
  const valued = structures.filter(({ values }) => values);
  return {
    dataset: name,
    layout,
    patients: dataset.patients.length,
    structures: structures.map((structure) => structure.name),
    ...(valued.length > 0 && {
      values: Object.fromEntries(valued.map(({ name, values }) => [name, values!])),
    }),
    ...(channels && channels.length > 1 && { channels }),
    ...(order && { order }),
    scans,
    unused,
    errors: scans.filter(({ error }) => error !== undefined).length,
  };
}

/** The patient's cine as a scan, unless it is the file that the scans are taken from. */
function cineOf({ cine, scans }: Patient): Scan[] {
  return cine === undefined || scans.some(({ image }) => image === cine) ? [] : [{ image: cine }];
}

async function checkScan(
  patient: Patient,
  scan: Scan,
  dataset: Dataset,
): Promise<{ report: ScanReport; loaded?: LoadedScan }> {
  const { id, group, part } = patient;
  const { image, phase } = scan;
  const known = { patient: id, group, part, ...(phase && { phase }), image };
  try {
    expectChannels(scan, dataset);
    const loaded = await readScan(scan, dataset);
    // Only a cine has time points to choose from.
    if (image !== patient.cine) loaded.channels.forEach((channel) => takeFrame(channel));
    return { report: { ...known, ...describe(loaded, dataset) }, loaded };
  } catch (error) {
    return { report: { ...known, warnings: [], error: (error as Error).message } };
  }
}

/** A dataset that was opened all the same may have scans that lack a channel. */
function expectChannels(
  { image, channels = [] }: Scan,
  { channels: names, settings }: Dataset,
): void {
  const lacking = channels.findIndex(({ path }) => path === undefined);
  if (lacking < 0 || settings?.missingChannel === "zero") return;
  throw new RangeError(
    `${image}: expected the channel ${
      names?.[lacking]
    } of every scan, found none; choose others by ` +
      "data.channels, or set data.missingChannel to zero",
  );
}

function describe(
  { channels, mask }: LoadedScan,
  { structures, settings }: Dataset,
): Omit<ScanReport, "patient" | "group" | "part" | "image"> {
  const { shape, spacing } = channels[0];
  const read = [...channels, ...mask ? [mask] : []].flatMap(({ warnings }) => warnings);
  const warnings = [...new Set([...read, ...maskWarnings({ channels, mask }, settings?.window)])];
  const intensities = channels.map(({ voxels }) => valueRange(voxels));
  const described = { shape, spacing, intensities, warnings };
  if (!mask) return described;
  const counts = new Uint32Array(IGNORED + 1);
  for (let i = 0; i < mask.voxels.length; i++) counts[mask.voxels[i]]++;
  if (!structures.some(({ label }) => counts[label] > 0)) {
    warnings.push("Nothing is outlined in its mask: all of it counts as background.");
  }
  return {
    ...described,
    labelVoxels: Object.fromEntries(structures.map(({ name, label }) => [name, counts[label]])),
    emptySlices: shape[2] - outlinedPlanes(mask.voxels, shape)[2].length,
    ...(counts[IGNORED] > 0 && { ignoredVoxels: counts[IGNORED] }),
  };
}
