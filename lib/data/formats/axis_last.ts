/**
 * Channels that lie between voxels, brought behind them.
 *
 * @module
 */
import type { Voxels } from "../volumes/volume.ts";

/**
 * The same voxels with one axis moved behind the others, as an array of the same type.
 *
 * @param sizes Lengths of the axes, the fastest first.
 */
export function axisLast(voxels: Voxels, sizes: readonly number[], axis: number): Voxels {
  const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);
  const [inner, count] = [product(sizes.slice(0, axis)), sizes[axis]];
  const outer = product(sizes.slice(axis + 1));
  if (count === 1 || outer === 1) return voxels;
  const moved = voxels.slice();
  for (let o = 0, from = 0; o < outer; o++) {
    for (let c = 0; c < count; c++) {
      const to = (c * outer + o) * inner;
      for (let i = 0; i < inner; i++) moved[to + i] = voxels[from++];
    }
  }
  return moved;
}
