/**
 * Scans as they were read, written as NIfTI in the layout of a plain folder.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset } from "./dataset.ts";
import { IGNORED, labelsToValues } from "./labels.ts";
import { writeNifti } from "./nifti_write.ts";
import type { LoadedScan } from "./read_scan.ts";
import { makeFolder } from "./write_file.ts";

/** Options of {@linkcode convertScan}. */
export interface ConvertOptions {
  /** The folder; `images` and `labels` are made in it. */
  dir: string;
  /** The scan's name, without an ending. */
  name: string;
}

/**
 * Writes a scan's channels to `images/NAME.nii.gz`, several as `NAME_0000.nii.gz` and so on, and its
 * mask, with the values of its structures, to `labels/NAME.nii.gz`: in the order of voxels that they
 * were read in.
 */
export async function convertScan(
  { channels, mask }: LoadedScan,
  dataset: Dataset,
  { dir, name }: ConvertOptions,
): Promise<void> {
  const images = join(dir, "images");
  await makeFolder(images);
  for (const [i, channel] of channels.entries()) {
    const suffix = channels.length > 1 ? `_${`${i}`.padStart(4, "0")}` : "";
    await writeNifti(join(images, `${name}${suffix}.nii.gz`), channel.voxels, channel);
  }
  if (!mask) return;
  const labels = join(dir, "labels");
  await makeFolder(labels);
  const { structures, ignore = IGNORED } = dataset;
  const values = labelsToValues(mask.voxels, { structures, ignore });
  await writeNifti(join(labels, `${name}.nii.gz`), values, mask);
}
