/**
 * What a plan has to know of a cohort: how its scans are sampled, how they lie, where outlines are.
 *
 * @module
 */
import { readScan } from "../data/datasets/read_scan.ts";
import type { Dataset, Patient, Scan } from "../data/datasets/dataset.ts";
import { isLabelled } from "../data/datasets/splits.ts";
import { isPicture } from "../data/datasets/scan_files.ts";
import { valueRange } from "../data/datasets/check/scan_notes.ts";
import { evenly } from "../data/volumes/frames.ts";
import { readGrid } from "../data/volumes/read_grid.ts";
import { readVolume } from "../data/volumes/read_volume.ts";
import type { Volume } from "../data/volumes/volume.ts";
import { type GridOf, isSilent, workingMap } from "../data/volumes/voxel_order.ts";
import { inGroups } from "../io/in_groups.ts";
import { median, percentile } from "../math/descriptive.ts";
import {
  isOutlined,
  type OutlinedMask,
  outlineReach,
  type Reach,
  reachOf,
  structureAcross,
} from "./outline_size.ts";

/** What is known of a cohort before it is trained on; lengths in mm, of the scans as slices lie. */
export interface CohortSurvey {
  /** Number of patients. */
  patients: number;
  /** Number of their scans. */
  scans: number;
  /** Channels of a scan. */
  channels: number;
  /** Distance of two pixels within a slice: the median over scans of the finer axis. */
  pixel: number;
  /** Longer side of a slice: the median over scans. */
  extent: number;
  /** Number of slices of all scans, about. */
  slices: number;
  /** Whether they are pictures, which have no up and down, no left and right. */
  pictures: boolean;
  /** How far scans lie turned against each other within a slice, in radians; absent if not known. */
  turned?: number;
  /** Whether intensities look like Hounsfield units. */
  hounsfield: boolean;
  /** What outlines tell; absent where there is none. */
  outlines?: OutlineSurvey;
}

/** What the outlines of a few patients tell. */
export interface OutlineSurvey {
  /** Number of patients. */
  patients: number;
  /**
   * Half the side of the square about a slice's middle that holds 99 % of what is outlined, and 95 % of
   * each structure.
   */
  reach: number;
  /** The diameter of the largest circle within each structure where it is widest, thinnest first. */
  structures: { name: string; across: number }[];
  /** Intensities of what is outlined, but for the lowest and the highest 0.5 %. */
  intensities: [low: number, high: number];
}

/** Scans whose headers are read. */
const MOST_HEADERS = 100;

/** Scans that are read whole, where headers do not tell. */
const MOST_WHOLE = 4;

/**
 * Patients whose masks are read: what a grid has to show differs little from one to the next. Where
 * some structure was in none of them, as many more are looked at, and again.
 */
const OUTLINED = { first: 10, most: 30 } as const;

/** So much has to be shown of all that is outlined, and of each structure, of which one may be rare. */
const SHOWN = { all: 0.99, each: 0.95 } as const;

/** Intensities of outlined voxels that are kept of a scan. */
const KEPT_INTENSITIES = 20_000;

/** Air is below, bone above: intensities from here to there are Hounsfield units. */
const HOUNSFIELD = [-500, 200] as const;

/**
 * Surveys the scans of some patients, and the outlines of ten of them, or of up to thirty until each
 * structure was seen. Equal files give an equal survey. Files that cannot be read have no say.
 *
 * @param patients Ids of those who are trained on.
 * @throws {RangeError} if no scan of theirs can be read.
 */
export async function surveyCohort(
  dataset: Dataset,
  patients: readonly string[],
): Promise<CohortSurvey> {
  const chosen = dataset.patients.filter(({ id }) => patients.includes(id));
  const scans = chosen.flatMap((patient) => patient.scans);
  const grids = await gridsOf(scans, dataset);
  if (grids.length === 0) {
    throw new RangeError(`${dataset.name}: expected scans that can be read, found none`);
  }
  const inPlane = grids.map((grid) => workingGrid(grid, dataset));
  const images = await readWhole(evenly(scans, MOST_WHOLE), dataset);
  const outlines = await surveyOutlines(dataset, patients);
  const turned = turnedBy(grids, dataset);
  return {
    patients: chosen.length,
    scans: scans.length,
    channels: dataset.channels?.length ?? 1,
    pixel: rounded(median(inPlane.map(({ spacing: [x, y] }) => Math.min(x, y)))),
    extent: rounded(median(inPlane.map(longerSide))),
    slices: Math.round(
      scans.length * inPlane.reduce((sum, { shape }) => sum + shape[2], 0) / inPlane.length,
    ),
    pictures: scans.every(({ image }) => isPicture(image)),
    ...(turned !== undefined && { turned: rounded(turned) }),
    hounsfield: images.length > 0 && images.every(isHounsfield),
    ...(outlines && { outlines }),
  };
}

function longerSide({ shape, spacing }: { shape: number[]; spacing: number[] }): number {
  return Math.max(shape[0] * spacing[0], shape[1] * spacing[1]);
}

/** The grids of some scans, by their headers where these tell. */
async function gridsOf(scans: readonly Scan[], { root }: Dataset): Promise<GridOf[]> {
  const chosen = evenly(scans, MOST_HEADERS);
  const quick = await inGroups(
    chosen,
    ({ image }) => readGrid(image, { within: root }).catch(() => undefined),
  );
  const unread = chosen.filter((_, i) => quick[i] === undefined);
  const slow = await inGroups(
    evenly(unread, MOST_WHOLE),
    ({ image }) => readVolume(image, { within: root }).catch(() => undefined),
    1,
  );
  return [...quick, ...slow].filter((grid) => grid !== undefined);
}

/** Shape and spacing of a scan as its slices lie. */
function workingGrid(
  grid: GridOf,
  { order }: Dataset,
): { shape: number[]; spacing: number[] } {
  const axes = order ? workingMap(grid, order).axes : [0, 1, 2];
  return {
    shape: axes.map((axis) => grid.shape[axis] ?? 1),
    spacing: axes.map((axis) => grid.spacing[axis]),
  };
}

/** The angle between the slices' first axes that nine of ten scans do not exceed, in radians. */
function turnedBy(grids: readonly GridOf[], { order }: Dataset): number | undefined {
  if (!order || order.axes !== "RAS") return undefined;
  const directions = grids.filter((grid) => !isSilent(grid)).map((grid) => {
    const { axes: [axis], flipped: [back] } = workingMap(grid, order);
    const along = [0, 1, 2].map((row) => grid.affine[row][axis]);
    const length = Math.hypot(...along) || 1;
    return along.map((part) => (back ? -part : part) / length);
  });
  if (directions.length < grids.length / 2) return undefined;
  const [first] = directions;
  const angles = directions.map((one) => {
    const cosine = one.reduce((sum, part, i) => sum + part * first[i], 0);
    return Math.acos(Math.min(1, Math.max(-1, cosine)));
  });
  return percentile(angles.sort((a, b) => a - b), 0.9);
}

async function readWhole(scans: readonly Scan[], dataset: Dataset): Promise<Volume[]> {
  const read = await inGroups(
    scans.map((scan) => ({ ...scan, mask: undefined })),
    (scan) => readScan(scan, dataset).catch(() => undefined),
    1,
  );
  return read.flatMap((loaded) => loaded?.channels[0] ?? []);
}

function isHounsfield({ voxels }: Volume): boolean {
  const [low, high] = valueRange(voxels);
  return low <= HOUNSFIELD[0] && high >= HOUNSFIELD[1] && voxels.every(Number.isInteger);
}

/** What the masks of some of the patients tell; undefined where nothing is outlined. */
async function surveyOutlines(
  dataset: Dataset,
  patients: readonly string[],
): Promise<OutlineSurvey | undefined> {
  const labelled = dataset.patients.filter((one) => patients.includes(one.id) && isLabelled(one));
  const { patients: looked, scans } = await surveyScans(labelled, dataset);
  const structures = dataset.structures.flatMap(({ name, label }) => {
    const found = scans.flatMap(({ outlined }) => outlined.get(label) ?? []);
    if (found.length === 0) return [];
    return [{
      name,
      across: rounded(median(found.map(({ across }) => across))),
      reaches: found.flatMap(({ reaches }) => reaches),
    }];
  });
  if (structures.length === 0) return undefined;
  const intensities = Float64Array.from(scans.flatMap((one) => one.intensities)).sort();
  return {
    patients: looked,
    reach: rounded(Math.max(
      reachOf(structures.flatMap(({ reaches }) => reaches), SHOWN.all),
      ...structures.map(({ reaches }) => reachOf(reaches, SHOWN.each)),
    )),
    structures: structures.map(({ name, across }) => ({ name, across }))
      .sort((a, b) => a.across - b.across),
    intensities: [0.005, 0.995].map((share) => rounded(percentile(intensities, share))) as [
      number,
      number,
    ],
  };
}

/** The outlines of a few patients, and of a few more as long as some structure is in none of them. */
async function surveyScans(
  labelled: readonly Patient[],
  dataset: Dataset,
): Promise<{ patients: number; scans: OutlinedScan[] }> {
  const first = evenly(labelled, OUTLINED.first);
  const later = evenly(
    labelled.filter((patient) => !first.includes(patient)),
    OUTLINED.most - OUTLINED.first,
  );
  const order = [...first, ...later];
  const found: OutlinedScan[] = [];
  const unseen = () =>
    dataset.structures.some(({ label }) => !found.some(({ outlined }) => outlined.has(label)));
  let looked = 0;
  while (looked < order.length && (looked === 0 || unseen())) {
    const next = order.slice(looked, looked + OUTLINED.first);
    looked += next.length;
    const scans = next.flatMap(({ scans }) => scans).filter(({ mask }) => mask !== undefined);
    const read = await inGroups(
      scans,
      (scan) => surveyScan(scan, dataset).catch(() => undefined),
      1,
    );
    found.push(...read.filter((one) => one !== undefined));
  }
  return { patients: looked, scans: found };
}

/** What a mask tells. */
interface OutlinedScan {
  /** How far each structure reaches that it has, and how many mm that is across. */
  outlined: Map<number, { reaches: Reach[]; across: number }>;
  /** Some intensities of what it outlines. */
  intensities: number[];
}

async function surveyScan(scan: Scan, dataset: Dataset): Promise<OutlinedScan> {
  const { channels: [image], mask } = await readScan(scan, dataset);
  const drawn: OutlinedMask = mask!;
  const outlined = new Map(dataset.structures.flatMap(({ label }) => {
    const across = structureAcross(drawn, label);
    return across === undefined
      ? []
      : [[label, { across, reaches: outlineReach(drawn, label) }] as const];
  }));
  const inside: number[] = [];
  drawn.voxels.forEach((label, i) => {
    const value = image.voxels[i];
    if (isOutlined(label) && Number.isFinite(value)) inside.push(value);
  });
  return { outlined, intensities: evenly(inside, KEPT_INTENSITIES) };
}

/** Four digits are more than scans agree in, and headers in float32 have hardly more. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
