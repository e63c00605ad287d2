/** The 48 orders in which a volume's voxels can be stored. */
import type { AxisMap } from "../../lib/data/volumes/axis_map.ts";

/** Every flip and swap of three axes, the identity first. */
export const ALL_ORDERS: readonly AxisMap[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
].flatMap((axes) =>
  Array.from({ length: 8 }, (_, bits) => ({
    axes,
    flipped: [0, 1, 2].map((axis) => (bits >> axis & 1) === 1),
  }))
);
