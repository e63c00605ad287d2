/**
 * Data in and out: NIfTI files, dataset layouts, preprocessing, patient splits, the phantom
 * cohort.
 *
 * @example
 * ```ts
 * import { splitPatients, type Patient } from "@pix2rep/pix2rep/data";
 * import assert from "node:assert/strict";
 *
 * const patients = Array.from({ length: 10 }, (_, i): Patient => ({
 *   ...{ id: `p${i}`, group: "", part: "training" },
 *   scans: [{ image: `p${i}.nii.gz`, mask: `p${i}_mask.nii.gz` }],
 * }));
 * const structures = [{ label: 1, name: "LV" }];
 * const split = splitPatients({ name: "hearts", root: "", layout: "folder", structures, patients });
 * assert.equal(split.test.length, 2);
 * ```
 *
 * @module
 */
export type {
  ChannelFile,
  Dataset,
  Patient,
  Region,
  Scan,
  Structure,
  UnusedFile,
} from "./dataset.ts";
export type { VoxelOrder } from "./voxel_order.ts";
export type { Affine, NiftiGeometry, Volume, Voxels } from "./volume.ts";
export { parseNifti, type ParseNiftiOptions } from "./nifti_parse.ts";
export { decodeNifti, type DecodeNiftiOptions } from "./nifti_decode.ts";
export { readNifti, type ReadNiftiOptions } from "./nifti_read.ts";
export type { Inflate } from "./gzip.ts";
export { encodeNifti } from "./nifti_encode.ts";
export { writeNifti } from "./nifti_write.ts";
export type { ListingSettings } from "./apply_settings.ts";
export { openDataset, type OpenDatasetOptions } from "./open_dataset.ts";
export { findScanFile, listScanFiles, listSubfolders, scanStem } from "./files.ts";
export { type LoadedScan, readScan } from "./read_scan.ts";
export { checkDataset, type DataReport, formatDataReport, type ScanReport } from "./check_data.ts";
export { readSplit, type Split, type SplitOptions, splitPatients, writeSplit } from "./splits.ts";
export {
  type PreparedVolume,
  type PrepareOptions,
  prepareVolume,
  restoreMask,
  type SliceGrid,
} from "./preprocess.ts";
export {
  type CohortScan,
  loadCohort,
  type LoadCohortOptions,
  loadSlices,
  readCohort,
} from "./cohort.ts";
export {
  closeSource,
  gatherSlices,
  type GatherSlicesOptions,
  type SliceSource,
  type StoredSlices,
} from "./slice_source.ts";
export { middleSlices, type SliceStack, stackSlices, takeSlices } from "./slices.ts";
export { openPhantom, type PhantomOptions, writePhantomCohort } from "./phantom/cohort.ts";
export type { ReadBytesOptions } from "./read_file.ts";
export type { WriteFileOptions } from "./write_file.ts";
