/**
 * `predict --probabilities`: the probabilities of each class beside a mask.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { scanStem } from "../../../lib/data/formats/formats.ts";
import { writeNifti } from "../../../lib/data/volumes/nifti_write.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import { expectProbabilitiesFit } from "../../../lib/inference/segment.ts";
import { UsageError } from "../command/command.ts";
import type { OpenModels } from "../models/open_models.ts";

/** "out/scan_mask.nrrd" → "out/scan_probabilities.nii.gz": masks' other formats hold no fractions. */
export function probabilitiesOf(mask: string): string {
  const stem = scanStem(basename(mask))!.replace(/_mask$/, "");
  return join(dirname(mask), `${stem}_probabilities.nii.gz`);
}

/**
 * Makes sure that a scan's probabilities can be written.
 *
 * @throws {UsageError} if they are asked for of several time points, which NIfTI's readers mix up with
 * classes.
 * @throws {RangeError} if they would take more than 2 GiB.
 */
export function expectProbable(scan: Volume, frames: number, [{ structures }]: OpenModels): void {
  if (frames > 1) {
    throw new UsageError(
      `${scan.source}: --probabilities: expected one time point, found ${frames}; --frame N takes one`,
    );
  }
  expectProbabilitiesFit(scan, structures.length + 1);
}

/** Writes probabilities [x, y, z, class] on the grid of a scan. */
export async function writeProbabilities(
  path: string,
  probabilities: Float32Array,
  like: Volume,
): Promise<void> {
  const [x, y, z = 1] = like.shape;
  const shape = [x, y, z, probabilities.length / (x * y * z)];
  await writeNifti(path, probabilities, { ...like, shape });
}
