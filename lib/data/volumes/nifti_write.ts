/**
 * Writing NIfTI files.
 *
 * @module
 */
import { basename } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { encodeNifti } from "../formats/nifti/encode.ts";
import type { Volume, Voxels } from "./volume.ts";
import { writeFileAtomically } from "../../io/write_file.ts";

/**
 * Writes `voxels` on the grid of `like`, see {@linkcode encodeNifti}; gzipped where `path` ends in
 * .gz. The file appears whole or not at all.
 *
 * @throws {TypeError} If `path` ends neither in .nii nor in .nii.gz.
 * @throws {RangeError} If the number of voxels does not fit.
 */
export async function writeNifti(path: string, voxels: Voxels, like: Volume): Promise<void> {
  if (!/\.nii(\.gz)?$/.test(path)) {
    throw new TypeError(
      `${path}: expected a name that ends in .nii or .nii.gz, found ${basename(path)}`,
    );
  }
  const bytes = encodeNifti(voxels, like);
  await writeFileAtomically(path, path.endsWith(".gz") ? await promisify(gzip)(bytes) : bytes);
}
