/**
 * The time points of 4D volumes.
 *
 * @module
 */
import type { Volume } from "./volume.ts";

/**
 * One time point of a volume, as a 3D volume that shares its voxels.
 *
 * @param frame From 0; needed where there are several.
 * @throws {RangeError} If the volume has several frames and `frame` names none of them.
 */
export function takeFrame(volume: Volume, frame?: number): Volume {
  const [width, height, depth = 1, frames = 1] = volume.shape;
  if (frame === undefined && frames > 1) {
    throw new RangeError(
      `${volume.source}: expected a 3D volume, found ${frames} volumes along a fourth axis; choose ` +
        "one, or save each as a file of its own, channels as NAME_0000 and so on",
    );
  }
  const index = frame ?? 0;
  if (!(Number.isInteger(index) && index >= 0 && index < frames)) {
    throw new RangeError(
      `${volume.source}: expected a frame from 0 to ${frames - 1}, found ${index}`,
    );
  }
  const length = width * height * depth;
  const voxels = volume.voxels.subarray(index * length, (index + 1) * length);
  return { ...volume, voxels, shape: volume.shape.slice(0, 3) };
}

/**
 * Frames taken evenly from a cine: the first of each of `count` equal parts; all of them where there
 * are no more.
 */
export function evenFrames(frames: number, count: number): number[] {
  const taken = Math.min(count, frames);
  return Array.from({ length: taken }, (_, i) => Math.floor(i * frames / taken));
}

/** Items taken evenly from a list, as frames from a cine. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  return evenFrames(items.length, count).map((at) => items[at]);
}
