/**
 * The patients of a dataset in memory, ready for a network.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { type PreparedVolume, prepareVolume, type SliceGrid } from "./preprocess.ts";
import { readScan } from "./read_scan.ts";

/** A scan that is ready for a network, with its reference on its own grid where there is one. */
export interface CohortScan {
  /** The patient's id. */
  patient: string;
  /** The patient's disease group, or "". */
  group: string;
  /** The cardiac phase, or "" where it is not known. */
  phase: string;
  /** Path of the image. */
  image: string;
  /** Its slices. */
  slices: PreparedVolume;
  /** The reference mask in file order (x fastest), where it was asked for. */
  reference?: Uint8Array;
  /** Voxels along x, y, z. */
  shape: readonly number[];
  /** Size of a voxel in mm along x, y, z. */
  spacing: readonly [number, number, number];
}

/** Options of {@linkcode loadCohort}. */
export interface LoadCohortOptions {
  /** The grid of the slices. */
  grid: SliceGrid;
  /** Whether to read masks, and to leave out scans that have none. */
  labelled: boolean;
  /** Called after each scan with the number read and the number to read. */
  onScan?: (done: number, total: number) => void;
}

/**
 * Reads and prepares the scans of some patients, in the dataset's order.
 *
 * @throws {RangeError} if no scan is left to read, or a file does not hold what it should.
 */
export async function loadCohort(
  dataset: Dataset,
  patients: readonly string[],
  { grid, labelled, onScan }: LoadCohortOptions,
): Promise<CohortScan[]> {
  const wanted = new Set(patients);
  const scans = dataset.patients
    .filter(({ id }) => wanted.has(id))
    .flatMap(({ scans, ...patient }) => scans.map((scan) => ({ patient, scan })))
    .filter(({ scan }) => !labelled || scan.mask !== undefined);
  if (scans.length === 0) {
    throw new RangeError(
      `${dataset.name}: expected ${labelled ? "labelled " : ""}scans of ${wanted.size} patients, ` +
        "found none",
    );
  }
  const cohort: CohortScan[] = [];
  for (const { patient: { id, group }, scan } of scans) {
    const { image, mask } = await readScan(labelled ? scan : { ...scan, mask: undefined }, dataset);
    cohort.push({
      patient: id,
      group,
      phase: scan.phase ?? "",
      image: scan.image,
      slices: prepareVolume(image, grid, { mask }),
      reference: mask?.voxels,
      shape: image.shape.slice(0, 3),
      spacing: image.spacing,
    });
    onScan?.(cohort.length, scans.length);
  }
  return cohort;
}
