/**
 * The patients of a dataset in memory, ready for a network.
 *
 * @module
 */
import { DATA_SETTINGS } from "../../config/data_settings.ts";
import type { Dataset, Patient, Scan } from "../datasets/dataset.ts";
import { evenFrames } from "../volumes/frames.ts";
import { IGNORED } from "../masks/labels.ts";
import { cropAboutMask, protocolWarnings } from "./midl2024.ts";
import {
  type PreparedVolume,
  type PrepareOptions,
  prepareVolume,
  type SliceGrid,
} from "./preprocess.ts";
import { type LoadedScan, readScan } from "../datasets/read_scan.ts";
import { scanWarnings } from "../datasets/check/scan_warnings.ts";
import { type SliceStack, stackSlices, takeSlices } from "./slices.ts";
import type { Volume } from "../volumes/volume.ts";

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
  /** The time point of a 4D file, where the scan is one. */
  frame?: number;
  /** Its slices. */
  slices: PreparedVolume;
  /** The reference mask in file order (x fastest), where it was asked for. */
  reference?: Uint8Array;
  /** Voxels along x, y, z. */
  shape: readonly number[];
  /** Size of a voxel in mm along x, y, z. */
  spacing: readonly [number, number, number];
  /** What may spoil results, one sentence each; see `scanWarnings`. */
  warnings: readonly string[];
}

/** Options of {@linkcode loadCohort}. */
export interface LoadCohortOptions {
  /** The grid of the slices. */
  grid: SliceGrid;
  /** Whether to read masks, and to leave out scans that have none. */
  labelled: boolean;
  /**
   * Frames to take evenly from each cine, as further scans; 0 by default. They have no masks, so
   * none is taken where `labelled`.
   */
  cineFrames?: number;
  /** What is kept of slices larger than the grid, see {@linkcode PrepareOptions}. */
  window?: PrepareOptions["window"];
  /** Called after each scan, and each cine, with the number read and the number to read. */
  onScan?: (done: number, total: number) => void;
}

/**
 * Reads and prepares the scans of some patients, in the dataset's order: all of each scan, or, where
 * the dataset was opened with `data.protocol=midl2024`, its crop about the mask, for which scans
 * without one are left out.
 *
 * @throws {RangeError} if the dataset does not have a patient, no scan is left to read, or a file
 * does not hold what it should.
 */
export async function loadCohort(
  dataset: Dataset,
  patients: readonly string[],
  options: LoadCohortOptions,
): Promise<CohortScan[]> {
  return await Array.fromAsync(readCohort(dataset, patients, options));
}

/** The same, one scan after the other, of which only the last need be in memory. */
export async function* readCohort(
  dataset: Dataset,
  patients: readonly string[],
  { grid, labelled, cineFrames = 0, window, onScan }: LoadCohortOptions,
): AsyncGenerator<CohortScan> {
  const { window: scale, protocol } = dataset.settings ?? DATA_SETTINGS;
  const stretch = protocol === "midl2024";
  const wanted = stretch ? { labelled: true, cineFrames: 0 } : { labelled, cineFrames };
  const files = filesToRead(dataset, patients, wanted);
  for (const [i, { patient: { id, group }, scan, frames }] of files.entries()) {
    const { channels, mask, warnings } = await readSeen(scan, dataset, { labelled });
    const [image] = channels;
    for (const frame of frames(image)) {
      const slices = prepareVolume(channels, grid, { mask, frame, window, scale, stretch });
      yield {
        patient: id,
        group,
        phase: scan.phase ?? "",
        image: scan.image,
        ...(scan.frame !== undefined && { frame: scan.frame }),
        slices,
        reference: mask?.voxels,
        shape: image.shape.slice(0, 3),
        spacing: image.spacing,
        warnings,
      };
    }
    onScan?.(i + 1, files.length);
  }
}

/**
 * The images of a scan of a cohort on its own grid, that of its `reference`, read anew.
 *
 * @throws What {@linkcode loadCohort} throws.
 */
export async function readImages(
  dataset: Dataset,
  { patient, image, frame }: CohortScan,
): Promise<LoadedScan["channels"]> {
  const scan = dataset.patients.find(({ id }) => id === patient)?.scans
    .find((one) => one.image === image && one.frame === frame);
  if (!scan) throw new RangeError(`${image}: expected a scan of ${patient}, found none`);
  const { channels } = await readSeen(scan, dataset, { labelled: true });
  return channels;
}

/** What is seen of a scan by the dataset's protocol: the mask decides even where it teaches nothing. */
async function readSeen(
  scan: Scan,
  dataset: Dataset,
  { labelled }: Pick<LoadCohortOptions, "labelled">,
): Promise<LoadedScan & Pick<CohortScan, "warnings">> {
  const { window, protocol } = dataset.settings ?? DATA_SETTINGS;
  const crops = protocol === "midl2024";
  const whole = await readScan(labelled || crops ? scan : { ...scan, mask: undefined }, dataset);
  const warnings = [...scanWarnings(whole, window), ...protocolWarnings(protocol)];
  const { channels, mask } = crops ? cropAboutMask(whole) : whole;
  return { channels, mask: labelled ? mask : undefined, warnings };
}

/**
 * How much of a scan's labelled volume its slices show, about 0 to 1: what lies outside the grid is
 * cut off. 1 where nothing is labelled.
 */
export function labelledShare({ slices, reference }: CohortScan): number {
  const labelled = (labels: Uint8Array = new Uint8Array()) =>
    labels.reduce((count, label) => count + (label && label !== IGNORED ? 1 : 0), 0);
  const [x, y] = slices.original.spacing;
  const whole = labelled(reference) * x * y;
  return whole ? labelled(slices.labels) * slices.grid.spacing ** 2 / whole : 1;
}

/** Names the slices of a stack of scans by their positions, for instance "patient001 ED slice 4". */
export function sliceNames(scans: readonly CohortScan[]): (position: number) => string {
  const names = scans.flatMap(({ patient, phase, slices: { depth } }) =>
    Array.from(
      { length: depth },
      (_, i) => [patient, phase, `slice ${i + 1}`].filter(Boolean).join(" "),
    )
  );
  return (position) => names[position];
}

/** Slices to learn from, with what to call them. */
export interface LabelledSlices {
  /** The slices. */
  slices: SliceStack;
  /** Names a slice by its position, for instance "patient001 ED slice 4". */
  nameOf: (position: number) => string;
}

/**
 * The slices of scans in one stack, but for those in which nobody labelled a pixel.
 *
 * @throws {RangeError} if none is left.
 */
export function labelledSlicesOf(scans: readonly CohortScan[]): LabelledSlices {
  const slices = stackSlices(scans.map(({ slices }) => slices));
  const nameOf = sliceNames(scans);
  const known = positionsLabelled(slices);
  if (known.length === slices.count) return { slices, nameOf };
  if (known.length === 0) {
    throw new RangeError(
      `${scans[0].image}: expected labelled pixels in ${slices.count} slices of ` +
        `${scans.length} scans, found none: choose other patients`,
    );
  }
  return { slices: takeSlices(slices, known), nameOf: (position) => nameOf(known[position]) };
}

/** Positions of the slices that have a pixel that somebody labelled. */
function positionsLabelled({ labels, count, size }: SliceStack): number[] {
  const pixels = size * size;
  return [...Array(count).keys()].filter((position) =>
    labels?.subarray(position * pixels, (position + 1) * pixels).some((one) => one !== IGNORED) ??
      true
  );
}

/**
 * The slices of some patients in one stack: {@linkcode loadCohort} for training. Slices in which
 * nobody labelled a pixel are left out of labelled ones.
 */
export async function loadSlices(
  dataset: Dataset,
  patients: readonly string[],
  options: LoadCohortOptions,
): Promise<SliceStack> {
  const scans = await loadCohort(dataset, patients, options);
  return labelledSlicesOf(scans).slices;
}

/** A file to read, and which of its frames to take: of a scan the only one. */
interface CohortFile {
  patient: Patient;
  scan: Scan;
  frames: (image: Volume) => (number | undefined)[];
}

/** Which files of a patient are read. */
type FileOptions = Required<Pick<LoadCohortOptions, "labelled" | "cineFrames">>;

/** The files of some patients, all of whom the dataset has. */
function filesToRead(
  { name, patients }: Dataset,
  ids: readonly string[],
  options: FileOptions,
): CohortFile[] {
  const wanted = new Set(ids);
  const found = patients.filter(({ id }) => wanted.has(id));
  const unknown = [...wanted].find((id) => !found.some((patient) => patient.id === id));
  if (unknown !== undefined) {
    throw new RangeError(`${name}: expected ids of its patients, found ${unknown}`);
  }
  const files = found.flatMap((patient) => filesOf(patient, options));
  if (files.length > 0) return files;
  throw new RangeError(
    `${name}: expected ${options.labelled ? "labelled " : ""}scans of ${wanted.size} patients, ` +
      "found none",
  );
}

function filesOf(
  patient: Patient,
  { labelled, cineFrames }: FileOptions,
): CohortFile[] {
  const files = patient.scans
    .filter(({ mask }) => !labelled || mask !== undefined)
    .map((scan): CohortFile => ({ patient, scan, frames: () => [undefined] }));
  if (labelled || cineFrames === 0 || patient.cine === undefined) return files;
  const frames = ({ shape: [, , , count = 1] }: Volume) => evenFrames(count, cineFrames);
  return [...files, { patient, scan: { image: patient.cine }, frames }];
}
