/**
 * Names of predicted masks.
 *
 * @module
 */

/**
 * "scan.nii.gz" → "scan_mask.nii.gz"; of a 4D file's frame 8, from 0, "scan_frame8_mask.nii.gz".
 *
 * @param name The scan's file, without its folder.
 */
export function maskName(name: string, frame?: number): string {
  const stem = name.replace(/\.(nii|hdr|img)(\.gz)?$/, "");
  return `${stem}${frame === undefined ? "" : `_frame${frame}`}_mask.nii.gz`;
}
