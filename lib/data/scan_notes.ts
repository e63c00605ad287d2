/**
 * What there is to tell of a scan that was read: its intensities, the order of its voxels.
 *
 * @module
 */
import type { Volume } from "./volume.ts";
import { orientationOf, sliceAxis, sliceDirection, type VoxelOrder } from "./voxel_order.ts";

/** Lowest and highest finite value of an array; Infinity and -Infinity where there is none. */
export function valueRange(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low && values[i] > -Infinity) low = values[i];
    if (values[i] > high && values[i] < Infinity) high = values[i];
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
  const broken = notFinite(voxels);
  if (broken > 0) {
    const share = Math.max(0.1, Math.round(1000 * broken / voxels.length) / 10);
    warnings.push(`${share} % of the voxels are NaN or infinite; they are background.`);
  }
}

/** What is to be told of the order of a scan's voxels: where it is not the cohort's, or not known. */
export function orderNotes(image: Volume, order: VoxelOrder): string[] {
  const [own, others] = [sliceAxis(image, order), order.slices]
    .map((axis) => sliceDirection(order, axis));
  const aside = own === others ? [] : [`Its slices run ${own}, others' ${others}.`];
  const { code, kind } = orientationOf(image);
  const { axes, usual } = order;
  if (axes === "stored" || usual === "") return aside;
  const reordered = `Stored ${code}, others ${usual}: brought to one order.`;
  if (kind === "clear") return code === usual ? aside : [reordered, ...aside];
  const why = kind === "silent" ? "has no affine" : "lies askew between two axes";
  return [`The scan ${why}; its voxels are taken to be stored ${usual}, as others are.`, ...aside];
}

function notFinite(voxels: ArrayLike<number>): number {
  if (!(voxels instanceof Float32Array || voxels instanceof Float64Array)) return 0;
  let count = 0;
  for (let i = 0; i < voxels.length; i++) if (!Number.isFinite(voxels[i])) count++;
  return count;
}
