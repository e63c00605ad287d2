/**
 * Evaluation of one segmented volume, structure by structure.
 *
 * @module
 */
import type { Structure } from "../data/dataset.ts";
import type { Grid } from "./distance_transform.ts";
import { compareMasks, type MaskMetrics } from "./metrics.ts";

/** What {@linkcode evaluateSegmentation} needs to know of the volume: its own, native grid. */
export interface EvaluateSegmentationOptions extends Grid {
  /** The structures to evaluate. */
  structures: readonly Structure[];
}

/** The metrics of one structure in one volume. */
export interface StructureMetrics extends MaskMetrics {
  /** The structure's name. */
  structure: string;
}

/**
 * Compares a predicted label map with the reference, one record per structure in the order given.
 *
 * @param prediction Labels, [x, y, z] with x fastest; 0 is the background.
 * @param reference The same form, on the same grid.
 * @throws {RangeError} If the grid is not three-dimensional with positive sizes, or a label map
 * does not fill it.
 */
export function evaluateSegmentation(
  prediction: Uint8Array,
  reference: Uint8Array,
  { structures, shape, spacing }: EvaluateSegmentationOptions,
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
  const mask = (labels: Uint8Array, label: number) =>
    labels.map((value) => value === label ? 1 : 0);
  return structures.map(({ label, name }) => ({
    structure: name,
    ...compareMasks(mask(prediction, label), mask(reference, label), { shape, spacing }),
  }));
}
