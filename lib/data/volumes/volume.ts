/**
 * One scan in memory: voxels with the geometry that places them in the patient.
 *
 * @module
 */

/** A 4×4 matrix, row by row, from voxel indices (i, j, k, 1) to millimetres in RAS+ space. */
export type Affine = readonly (readonly number[])[];

/** Any typed array that a NIfTI file's voxels are read into. */
export type Voxels =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** The geometry fields of a NIfTI header as they stand in the file, kept to be written back. */
export interface NiftiGeometry {
  /** 1 for NIfTI-1, 2 for NIfTI-2. */
  version: 1 | 2;
  /** All eight `pixdim` values; `pixdim[0]` is the handedness of the qform. */
  pixdim: readonly number[];
  /** `qform_code`: 0 when the quaternion is not to be used. */
  qformCode: number;
  /** `sform_code`: 0 when the affine rows are not to be used. */
  sformCode: number;
  /** `quatern_b`, `quatern_c`, `quatern_d`. */
  quaternion: readonly [number, number, number];
  /** `qoffset_x`, `qoffset_y`, `qoffset_z` in mm. */
  offset: readonly [number, number, number];
  /** `srow_x`, `srow_y`, `srow_z`. */
  sform: readonly (readonly number[])[];
  /** `xyzt_units`. */
  units: number;
}

/** A scan: x runs fastest in `voxels`, slices lie along the last spatial axis. */
export interface Volume {
  /** Intensities with `scl_slope` and `scl_inter` applied, in file order (x fastest). */
  voxels: Voxels;
  /** (x, y, z) or (x, y, z, t). */
  shape: readonly number[];
  /** Size of a voxel in mm along x, y, z; from `pixdim`. */
  spacing: readonly [number, number, number];
  /** Voxel indices to RAS+ millimetres: the sform, else the qform, else the spacing alone. */
  affine: Affine;
  /** The header's own geometry, for writing a mask onto the same grid. */
  geometry: NiftiGeometry;
  /** Where the volume comes from: a path, as given. */
  source: string;
  /** What was odd but bearable, one sentence each (for instance an affine that contradicts pixdim). */
  warnings: string[];
}
