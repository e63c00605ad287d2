/**
 * Finding the order of a cohort's voxels from the headers of its scans.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { evenly } from "../volumes/frames.ts";
import { inGroups } from "../../io/in_groups.ts";
import { readGrid } from "../volumes/read_grid.ts";
import { readVolume } from "../volumes/read_volume.ts";
import { cohortOrder, type VoxelOrder } from "../volumes/voxel_order.ts";

/** Scans that are looked at: enough to tell what most are like. */
const MOST_SCANS = 100;

/** Of those whose headers are not enough, scans that are read whole. */
const MOST_WHOLE = 8;

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
  const chosen = evenly(images, MOST_SCANS);
  const unread: string[] = [];
  const quick = await inGroups(chosen, async (image) => {
    const grid = await readGrid(image, { within: root }).catch(() => undefined);
    if (!grid) unread.push(image);
    return grid;
  });
  const slow = await inGroups(
    evenly(unread.sort(), MOST_WHOLE),
    (image) => readVolume(image, { within: root }).catch(() => undefined),
    1,
  );
  const order = cohortOrder([...quick, ...slow].filter((grid) => grid !== undefined));
  return axis === "auto" ? order : { ...order, slices: AXES[axis], fixed: true };
}
