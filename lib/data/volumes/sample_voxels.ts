/**
 * A few of a scan's voxels.
 *
 * @module
 */
import type { Voxels } from "./volume.ts";

/** At most so many of the voxels, evenly apart: enough to tell roughly what they are like. */
export function sampleVoxels(voxels: Voxels, most: number): Voxels {
  const step = Math.max(1, Math.ceil(voxels.length / most));
  const sample = voxels.slice(0, Math.ceil(voxels.length / step));
  for (let i = 0; i < sample.length; i++) sample[i] = voxels[i * step];
  return sample;
}
