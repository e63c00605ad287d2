/**
 * What there is to tell of a scan that was read: its intensities, the order of its voxels.
 *
 * @module
 */
import type { Volume } from "../../volumes/volume.ts";
import {
  orientationOf,
  sliceDirection,
  slicesAcross,
  type VoxelOrder,
} from "../../volumes/voxel_order.ts";

/** Masks have few values, each of many voxels; of ACDC's scans and the hippocampi, the poorest has 109. */
const MOST_LABELS = 32;
const VOXELS_OF_A_LABEL = 50;

/** Lowest and highest finite value of an array; Infinity and -Infinity where there is none. */
export function valueRange(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return [low, high];
}

/**
 * Notes, as warnings of an image, what is odd about its intensities.
 *
 * @throws {RangeError} If none is finite.
 */
export function noteIntensities({ voxels, source, warnings }: Volume): void {
  const [low, high] = valueRange(voxels);
  if (low > high) throw new RangeError(`${source}: expected finite intensities, found none`);
  if (low === high) warnings.push(`The image is constant: every voxel is ${low}.`);
  const few = low < high ? fewWholeValues(voxels) : undefined;
  if (few !== undefined) {
    warnings.push(`The image has ${few} values, all of them whole: it may be a mask, not a scan.`);
  }
  const broken = notFinite(voxels);
  if (broken > 0) {
    const share = Math.max(0.1, Math.round(1000 * broken / voxels.length) / 10);
    warnings.push(`${share} % of the voxels are NaN or infinite; they are background.`);
  }
}

/**
 * What is to be told of the order of a scan's voxels: where it is not the cohort's, or not known, and
 * where its slices show another view.
 */
export function orderNotes(image: Volume, order: VoxelOrder): string[] {
  const [own, others] = [slicesAcross(image, order), order.slices]
    .map((axis) => sliceDirection(order, axis));
  const view = own === others ? [] : [
    `Its slices run ${own}, others' ${others}: they show another view; learn from one view alone, ` +
    "or name one axis for all (grid.axis).",
  ];
  return [...storedNote(image, order), ...view];
}

function storedNote(image: Volume, { axes, usual, untold }: VoxelOrder): string[] {
  const { code, kind } = orientationOf(image);
  if (untold && kind !== "silent") {
    return [
      `Stored ${code}, but the scans to compare it with have no affine that tells their order: make ` +
      "sure that they are stored alike.",
    ];
  }
  if (usual === "" || code === usual && kind === "clear") return [];
  const stored = `Stored ${code}, others ${usual}`;
  if (axes === "RAS" && kind === "clear") return [`${stored}: brought to one order.`];
  if (axes === "RAS") {
    const why = kind === "silent" ? "has no affine" : "lies askew between two axes";
    return [`The scan ${why}; its voxels are taken to be stored ${usual}, as others are.`];
  }
  const left = "left so, for too many scans lie askew to tell one order.";
  return kind === "clear" ? [`${stored}; ${left}`] : [];
}

/** How many values an image has, where they are whole and as few as those of a mask. */
function fewWholeValues(voxels: ArrayLike<number>): number | undefined {
  const values = new Set<number>();
  for (let i = 0; i < voxels.length; i++) {
    if (!Number.isInteger(voxels[i])) return undefined;
    values.add(voxels[i]);
    if (values.size > MOST_LABELS) return undefined;
  }
  return voxels.length >= VOXELS_OF_A_LABEL * values.size ? values.size : undefined;
}

function notFinite(voxels: ArrayLike<number>): number {
  if (!(voxels instanceof Float32Array || voxels instanceof Float64Array)) return 0;
  let count = 0;
  for (let i = 0; i < voxels.length; i++) if (!Number.isFinite(voxels[i])) count++;
  return count;
}
