/**
 * Names of predicted masks.
 *
 * @module
 */
import { maskEnding, scanStem } from "../data/formats/formats.ts";

/**
 * "scan.nii.gz" → "scan_mask.nii.gz"; of a 4D file's frame 8, from 0, "scan_frame8_mask.nii.gz". The
 * mask is of the scan's own format where that can hold one: "scan.nrrd" → "scan_mask.nrrd".
 *
 * @param name The scan's file, without its folder.
 */
export function maskName(name: string, frame?: number): string {
  const stem = scanStem(name) ?? name.replace(/\.img(\.gz)?$/i, "");
  return `${stem}${frame === undefined ? "" : `_frame${frame}`}_mask${maskEnding(name)}`;
}
