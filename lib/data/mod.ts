/**
 * Data in and out: files of scans, dataset layouts, preprocessing, patient splits, the phantom
 * cohort.
 *
 * @example
 * ```ts
 * import { splitPatients, type Patient } from "@pix2rep/pix2rep/data";
 * import assert from "node:assert/strict";
 *
 * const patients = Array.from({ length: 10 }, (_, i): Patient => ({
 *   id: `p${i}`,
 *   group: "",
 *   part: "training",
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
} from "./datasets/dataset.ts";
export type { GridOf, Sides, VoxelOrder } from "./volumes/voxel_order.ts";
export type { Affine, NiftiGeometry, Volume, Voxels } from "./volumes/volume.ts";
export { parseNifti, type ParseNiftiOptions } from "./formats/nifti/parse.ts";
export { decodeNifti, type DecodeNiftiOptions } from "./formats/nifti/decode.ts";
export { readNifti, type ReadNiftiOptions } from "./volumes/nifti_read.ts";
export type { Inflate } from "../io/gzip.ts";
export { encodeNifti } from "./formats/nifti/encode.ts";
export { writeNifti } from "./volumes/nifti_write.ts";
export { readVolume, type ReadVolumeOptions } from "./volumes/read_volume.ts";
export { writeMask } from "./volumes/write_mask.ts";
export {
  decodeVolume,
  encodeMask,
  type FormatName,
  FORMATS,
  maskEnding,
  scanStem,
} from "./formats/formats.ts";
export type { DecodeOptions, Format, MaskFormat } from "./formats/format.ts";
export { openDataset, type OpenDatasetOptions } from "./datasets/open_dataset.ts";
export { listSubfolders, type Within } from "../io/folders.ts";
export { findScanFile, listScanFiles } from "./datasets/scan_files.ts";
export type { MaskAccess } from "./masks/mask_structures.ts";
export { IGNORED, type LabelMapping, labelsToValues } from "./masks/labels.ts";
export { type LoadedScan, readScan } from "./datasets/read_scan.ts";
export {
  checkDataset,
  type DataReport,
  type OnScanChecked,
  type ScanReport,
} from "./datasets/check/check_data.ts";
export { formatDataReport } from "./datasets/check/format_data_report.ts";
export { cohortWarnings } from "./datasets/check/scan_warnings.ts";
export { cutLabelWarnings, wideGridWarning } from "./slices/grid_warnings.ts";
export { type Evaluated, evaluatedRegions } from "./masks/regions.ts";
export { crossValidationSplits, type FoldOptions } from "./datasets/folds.ts";
export {
  readSplit,
  type Split,
  type SplitOptions,
  splitPatients,
  writeSplit,
} from "./datasets/splits.ts";
export {
  type PreparedVolume,
  type PrepareOptions,
  prepareVolume,
  restoreMask,
  type SliceGrid,
} from "./slices/preprocess.ts";
export {
  type CohortScan,
  type LabelledSlices,
  labelledSlicesOf,
  loadCohort,
  type LoadCohortOptions,
  loadSlices,
  readCohort,
} from "./slices/cohort.ts";
export {
  closeSource,
  gatherSlices,
  type GatherSlicesOptions,
  type SliceSource,
  type StoredSlices,
} from "./slices/slice_source.ts";
export type { Extent } from "./slices/extent.ts";
export type { LabelVolumes, SeenVolumes } from "./slices/seen_volumes.ts";
export {
  joinSeen,
  type ScanFacts,
  type SeenScans,
  seenScans,
  unseenWarnings,
} from "./slices/seen_scans.ts";
export { middleSlices, type SliceStack, stackSlices, takeSlices } from "./slices/slices.ts";
export { openPhantom, type PhantomOptions, writePhantomCohort } from "./phantom/cohort.ts";
export type { ReadBytesOptions } from "../io/read_file.ts";
export type { WriteFileOptions } from "../io/write_file.ts";
