/**
 * The order of a scan's voxels: which way its axes run through the patient.
 *
 * @module
 */

/** The order that the voxels of a cohort are brought to when read, so that equal places meet. */
export interface VoxelOrder {
  /**
   * "RAS": axes run to the patient's right, front and head, by each scan's affine. "stored": the
   * affines of the cohort do not tell (none, or oblique ones), and voxels stay as they are.
   */
  axes: "RAS" | "stored";
  /** The stored order of most scans, for instance "LPS": that of a scan whose affine does not tell. */
  usual: string;
  /** The axis across which slices are taken, 0 to 2, of scans that are not anisotropic. */
  slices: 0 | 1 | 2;
}
