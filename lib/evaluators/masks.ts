/**
 * Binary masks on a voxel grid: bounding boxes and surfaces. A mask is non-zero where set, with x
 * fastest in memory.
 *
 * @module
 */

/** A box of voxels. */
export interface Box {
  /** The first voxel along x, y, z. */
  start: readonly [number, number, number];
  /** The number of voxels along x, y, z. */
  shape: readonly [number, number, number];
}

/** The smallest box that holds all set voxels of all masks; null when no voxel is set. */
export function boundingBox(masks: Uint8Array[], shape: readonly number[]): Box | null {
  const [width, height, depth] = shape;
  const low = [Infinity, Infinity, Infinity];
  const high = [-1, -1, -1];
  for (const mask of masks) {
    for (let z = 0, i = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          if (!mask[i]) continue;
          if (x < low[0]) low[0] = x;
          if (x > high[0]) high[0] = x;
          if (y < low[1]) low[1] = y;
          if (y > high[1]) high[1] = y;
          if (z < low[2]) low[2] = z;
          if (z > high[2]) high[2] = z;
        }
      }
    }
  }
  if (high[0] < 0) return null;
  const size = (axis: number) => high[axis] - low[axis] + 1;
  return { start: [low[0], low[1], low[2]], shape: [size(0), size(1), size(2)] };
}

/** The part of a mask that lies in the box. */
export function crop(
  mask: Uint8Array,
  shape: readonly number[],
  box: Box,
): Uint8Array<ArrayBuffer> {
  const [width, height, depth] = box.shape;
  const part = new Uint8Array(width * height * depth);
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = box.start[0] + shape[0] * (box.start[1] + y + shape[1] * (box.start[2] + z));
      part.set(mask.subarray(row, row + width), width * (y + height * z));
    }
  }
  return part;
}

/**
 * The set voxels that a 6-neighbour erosion removes: those with a face towards the background, or
 * towards the outside of the grid, which counts as background.
 */
export function surface(mask: Uint8Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const [width, height, depth] = shape;
  const layer = width * height;
  const shell = new Uint8Array(mask.length);
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (!mask[i]) continue;
        const inside = x > 0 && x < width - 1 && mask[i - 1] && mask[i + 1] &&
          y > 0 && y < height - 1 && mask[i - width] && mask[i + width] &&
          z > 0 && z < depth - 1 && mask[i - layer] && mask[i + layer];
        if (!inside) shell[i] = 1;
      }
    }
  }
  return shell;
}
