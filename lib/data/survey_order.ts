/**
 * Finding the order of a cohort's voxels from the headers of its scans.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import type { Format } from "./formats/format.ts";
import { FORMATS } from "./formats/formats.ts";
import { inGroups } from "./in_groups.ts";
import { readGrid } from "./read_grid.ts";
import { cohortOrder, type VoxelOrder } from "./voxel_order.ts";

/** Scans that are looked at, enough to tell what most are like: fewer where they are read whole. */
const MOST_SCANS = { quick: 100, slow: 12 };

/** The axes that `grid.axis` names. */
const AXES = { x: 0, y: 1, z: 2 } as const;

/**
 * The order that the voxels of a dataset's scans are to be brought to; see `cohortOrder`. Files that
 * cannot be read have no say.
 *
 * @param axis Across which slices are taken; across the thick one by default.
 */
export async function surveyOrder(
  { patients, root }: Pick<Dataset, "patients" | "root">,
  { axis = "auto" }: { axis?: "auto" | keyof typeof AXES } = {},
): Promise<VoxelOrder> {
  const images = [...new Set(patients.flatMap(({ scans }) => scans.map(({ image }) => image)))];
  const quick = images.every((image) => hasEndingOf(image, FORMATS.nifti));
  const count = Math.min(images.length, MOST_SCANS[quick ? "quick" : "slow"]);
  const step = images.length / count;
  const chosen = Array.from({ length: count }, (_, i) => images[Math.floor(i * step)]);
  const grids = await inGroups(
    chosen,
    (image) => readGrid(image, { within: root }).catch(() => undefined),
  );
  const order = cohortOrder(grids.filter((grid) => grid !== undefined));
  return axis === "auto" ? order : { ...order, slices: AXES[axis], fixed: true };
}

function hasEndingOf(name: string, { endings }: Format): boolean {
  return endings.some((ending) => name.toLowerCase().endsWith(ending));
}
