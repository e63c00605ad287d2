/**
 * Writing masks in any format that holds them.
 *
 * @module
 */
import { encodeMask } from "../formats/formats.ts";
import type { Volume, Voxels } from "./volume.ts";
import { writeFileAtomically } from "../../io/write_file.ts";

/**
 * Writes labels on the grid of `like` in the format that `path` ends in: .nii, .nii.gz, .nrrd, .mha,
 * .mgz, .mgh, .png or .tif. The file appears whole or not at all.
 *
 * @param labels x fastest, as many as `like` has voxels, or as many as one of its frames has.
 * @throws {TypeError} If masks are not written in files of that ending.
 * @throws {RangeError} If the number of labels is another, or the format cannot hold them.
 */
export async function writeMask(path: string, labels: Voxels, like: Volume): Promise<void> {
  await writeFileAtomically(path, await encodeMask(path, labels, like));
}
