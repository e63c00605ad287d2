/**
 * Reading a scan of a dataset: its image and mask, checked against each other.
 *
 * @module
 */
import type { Dataset, Scan } from "./dataset.ts";
import { takeFrame } from "./frames.ts";
import { labelsOf } from "./labels.ts";
import { readNifti } from "./nifti_read.ts";
import type { Volume } from "./volume.ts";

/** How far, in mm, corners of image and mask may lie apart before a warning is due. */
const GRID_TOLERANCE = 0.1;

/** A scan in memory. */
export interface LoadedScan {
  /** The image: finite intensities. */
  image: Volume;
  /** The mask, where the scan has one: labels 0…n as bytes, of the image's shape. */
  mask?: Volume & { voxels: Uint8Array };
}

/**
 * Reads a scan's files, of 4D ones the frame that the scan names. What is odd but bearable (a
 * constant image, a mask placed elsewhere) becomes a warning of the volume it concerns.
 *
 * @throws {RangeError} If the image holds a voxel that is not finite, the mask's shape is another,
 * a label is not whole or not among the dataset's structures, the files have no such frame, or a link
 * leads out of the dataset's folder.
 * @throws As {@linkcode readNifti} does.
 */
export async function readScan(scan: Scan, dataset: Dataset): Promise<LoadedScan> {
  const { frame } = scan;
  const within = dataset.root;
  const whole = await readNifti(scan.image, { within });
  const image = frame === undefined ? whole : takeFrame(whole, frame);
  checkIntensities(image);
  if (scan.mask === undefined) return { image };
  const wholeMask = await readNifti(scan.mask, { within });
  const mask = frame === undefined ? wholeMask : takeFrame(wholeMask, frame);
  if (mask.shape.join() !== image.shape.join()) {
    throw new RangeError(
      `${mask.source}: expected the image's shape ${image.shape.join(" × ")}, found` +
        ` ${mask.shape.join(" × ")}`,
    );
  }
  labelsOf(mask.voxels, mask.source, dataset.structures.length);
  if (!sameGrid(image, mask)) {
    mask.warnings.push("The mask's header places it elsewhere than the image; voxels are matched.");
  }
  return { image, mask: { ...mask, voxels: Uint8Array.from(mask.voxels) } };
}

/** Lowest and highest value of an array; Infinity and -Infinity of an empty one. */
export function valueRange(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return [low, high];
}

function checkIntensities({ voxels, source, warnings }: Volume): void {
  const bad = voxels.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(`${source}: expected finite intensities, found ${voxels[bad]}`);
  }
  const [low, high] = valueRange(voxels);
  if (low === high) warnings.push(`The image is constant: every voxel is ${low}.`);
}

/** Whether the corners of two grids of one shape meet. */
function sameGrid(a: Volume, b: Volume): boolean {
  const [nx, ny, nz] = a.shape;
  return [0, 1, 2].every((row) => {
    const difference = a.affine[row].map((value, column) =>
      Math.abs(value - b.affine[row][column])
    );
    const [x, y, z, origin] = difference;
    return x * nx + y * ny + z * nz + origin < GRID_TOLERANCE;
  });
}
