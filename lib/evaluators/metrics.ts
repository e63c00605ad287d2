/**
 * Overlap and surface distance of two binary masks, in 3D and in millimetres.
 *
 * @module
 */
import { percentile } from "../math/descriptive.ts";
import { distanceTransform, type Grid } from "../math/distance_transform.ts";
import { boundingBox, crop, surface } from "./masks.ts";
import { surfaceDice } from "./surface_dice.ts";

/** How well a predicted mask agrees with its reference; the names are those of the files written. */
export interface MaskMetrics {
  /** Dice coefficient 2|A ∩ B| / (|A| + |B|), in [0, 1]; null when both masks are empty. */
  dice: number | null;
  /** Hausdorff distance in mm; null when both masks are empty. */
  hausdorff_mm: number | null;
  /** The larger of the two directed 95th percentiles of surface distance, in mm, or null. */
  hd95_mm: number | null;
  /** Average symmetric surface distance (Σd₁ + Σd₂) / (|S₁| + |S₂|), in mm, or null. */
  assd_mm: number | null;
  /** Normalised surface distance at a tolerance, in [0, 1], or null; see {@linkcode surfaceDice}. */
  nsd: number | null;
  /** Exactly one mask is empty: Dice and NSD are 0, and each distance is the volume's diagonal. */
  missed: boolean;
  /** Volume of the predicted mask in millilitres. */
  volume_ml: number;
  /** Volume of the reference mask in millilitres. */
  reference_volume_ml: number;
}

/** The tolerance of NSD in mm unless another is asked for: a pixel or two of a clinical scan. */
export const NSD_TOLERANCE = 2;

/** What masks are compared by. */
export interface CompareMasksOptions extends Grid {
  /** The tolerance of NSD in mm, 0 or more; {@linkcode NSD_TOLERANCE} by default. */
  tolerance?: number;
}

/**
 * Compares two masks of one grid. Surface voxels are those that a 6-neighbour erosion removes;
 * distances run between their centres.
 *
 * @param prediction Non-zero where set, [x, y, z] with x fastest.
 * @param reference The same form.
 */
export function compareMasks(
  prediction: Uint8Array,
  reference: Uint8Array,
  { tolerance = NSD_TOLERANCE, ...grid }: CompareMasksOptions,
): MaskMetrics {
  const millilitres = grid.spacing.reduce((product, size) => product * size, 1) / 1000;
  const box = boundingBox([prediction, reference], grid.shape);
  if (box === null) {
    const none = { dice: null, hausdorff_mm: null, hd95_mm: null, assd_mm: null, nsd: null };
    return { ...none, missed: false, volume_ml: 0, reference_volume_ml: 0 };
  }
  // All surfaces lie in the box, and what lies outside it is background, as it is for the volume.
  const a = crop(prediction, grid.shape, box);
  const b = crop(reference, grid.shape, box);
  const [sizeA, sizeB] = [count(a), count(b)];
  const missed = sizeA === 0 || sizeB === 0;
  const boxed = { ...grid, shape: box.shape };
  return {
    dice: 2 * count(a.map((set, i) => set && b[i])) / (sizeA + sizeB),
    ...(missed ? penalty(grid) : surfaceDistances(a, b, boxed)),
    nsd: surfaceDice(a, b, { ...boxed, tolerance }),
    missed,
    volume_ml: sizeA * millilitres,
    reference_volume_ml: sizeB * millilitres,
  };
}

type Distances = Pick<MaskMetrics, "hausdorff_mm" | "hd95_mm" | "assd_mm">;

function surfaceDistances(a: Uint8Array, b: Uint8Array, grid: Grid): Distances {
  const [surfaceA, surfaceB] = [surface(a, grid.shape), surface(b, grid.shape)];
  const there = directedDistances(surfaceA, surfaceB, grid);
  const back = directedDistances(surfaceB, surfaceA, grid);
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    hausdorff_mm: Math.max(there[there.length - 1], back[back.length - 1]),
    hd95_mm: Math.max(percentile(there, 0.95), percentile(back, 0.95)),
    assd_mm: (sum(there) + sum(back)) / (there.length + back.length),
  };
}

/** Distances from each set voxel of one surface to the nearest of the other, ascending. */
function directedDistances(from: Uint8Array, to: Uint8Array, grid: Grid): Float64Array {
  return distanceTransform(to, grid).filter((_, i) => from[i]).sort();
}

/** A structure that is missed altogether is as far away as the volume allows. */
function penalty({ shape, spacing }: Grid): Distances {
  const diagonal = Math.hypot(...spacing.map((size, axis) => size * shape[axis]));
  return { hausdorff_mm: diagonal, hd95_mm: diagonal, assd_mm: diagonal };
}

function count(mask: Uint8Array): number {
  return mask.reduce((set, value) => value ? set + 1 : set, 0);
}
