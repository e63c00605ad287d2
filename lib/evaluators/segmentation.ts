/**
 * Evaluation of one segmented volume, structure by structure.
 *
 * @module
 */
import { withoutIgnored } from "../data/masks/labels.ts";
import { type Evaluated, evaluatedRegions } from "../data/masks/regions.ts";
import { compareMasks, type CompareMasksOptions, type MaskMetrics } from "./metrics.ts";

/** What {@linkcode evaluateSegmentation} needs to know of the volume: its own, native grid. */
export interface EvaluateSegmentationOptions extends Evaluated, CompareMasksOptions {}

/** The metrics of one structure, or region, in one volume. */
export interface StructureMetrics extends MaskMetrics {
  /** The structure's name, or the region's. */
  structure: string;
}

/** The metrics of one structure in one volume of one patient: a line of `metrics.csv`. */
export interface CaseMetrics extends StructureMetrics {
  /** The patient's id. */
  patient: string;
  /** The patient's disease group, or "". */
  group: string;
  /** The cardiac phase, or "" where it is not known. */
  phase: string;
}

/**
 * Compares a predicted label map with the reference, one record per structure or region in the order
 * given. Voxels that nobody labelled (255 in the reference) are background in both.
 *
 * @param prediction Labels, [x, y, z] with x fastest; 0 is the background.
 * @param reference The same form, on the same grid.
 * @throws {RangeError} If the grid is not three-dimensional with positive sizes, or a label map
 * does not fill it.
 */
export function evaluateSegmentation(
  prediction: Uint8Array,
  reference: Uint8Array,
  { structures, regions, shape, spacing, tolerance }: EvaluateSegmentationOptions,
): StructureMetrics[] {
  if (shape.length !== 3 || spacing.length !== 3 || !spacing.every((size) => size > 0)) {
    throw new RangeError(
      "Expected a 3D grid with positive spacing, " +
        `found shape [${shape.join(", ")}] and spacing [${spacing.join(", ")}]`,
    );
  }
  const voxels = shape[0] * shape[1] * shape[2];
  for (const [name, labels] of Object.entries({ prediction, reference })) {
    if (labels.length !== voxels) {
      throw new RangeError(
        `Expected ${voxels} voxels (${shape.join(" × ")}) in the ${name}, found ${labels.length}`,
      );
    }
  }
  const maps = [prediction, reference].map((labels) => withoutIgnored(labels, reference));
  return evaluatedRegions({ structures, regions }).map(({ labels, name }) => {
    const [found, expected] = maps.map((map) => map.map((label) => labels.includes(label) ? 1 : 0));
    return { structure: name, ...compareMasks(found, expected, { shape, spacing, tolerance }) };
  });
}
