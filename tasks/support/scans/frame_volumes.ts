/**
 * The volumes of structures frame by frame, and how much of them a heart beat empties.
 *
 * @module
 */
import type { Structure } from "../../../lib/data/datasets/dataset.ts";

/** A frame with its labels. */
export interface LabelledFrame {
  /** How it is called. */
  title: string;
  /** Its labels. */
  labels: Uint8Array;
}

/** The volumes of a frame's structures. */
export interface FrameVolumes {
  /** How the frame is called. */
  title: string;
  /** In ml, by the structures' names. */
  volumes_ml: Record<string, number>;
}

/** Counts the voxels of each structure in each frame. */
export function frameVolumes(
  frames: readonly LabelledFrame[],
  structures: readonly Structure[],
  [x, y, z]: readonly number[],
): FrameVolumes[] {
  return frames.map(({ title, labels }) => {
    const counts = new Array<number>(256).fill(0);
    for (const label of labels) counts[label]++;
    const volumes = structures.map(({ label, name }) => [name, counts[label] * x * y * z / 1000]);
    return { title, volumes_ml: Object.fromEntries(volumes) };
  });
}

/**
 * How much of its largest volume each structure loses up to its smallest, in percent: of a ventricle's
 * cavity over a heart beat, the ejection fraction. Null where nothing was found.
 */
export function emptied(frames: readonly FrameVolumes[]): Record<string, number | null> {
  return Object.fromEntries(
    Object.keys(frames[0].volumes_ml).map((name) => {
      const volumes = frames.map(({ volumes_ml }) => volumes_ml[name]);
      const [least, most] = [Math.min(...volumes), Math.max(...volumes)];
      return [name, most > 0 ? 100 * (1 - least / most) : null];
    }),
  );
}

/** Both as a table for a terminal. */
export function volumesTable(frames: readonly FrameVolumes[]): string {
  const names = Object.keys(frames[0].volumes_ml);
  const rows = [
    ["ml", ...names],
    ...frames.map(({ title, volumes_ml }) => [
      title,
      ...names.map((name) => volumes_ml[name].toFixed(1)),
    ]),
    ["emptied", ...Object.values(emptied(frames)).map(percent)],
  ];
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  return [
    ...rows.map(([title, ...cells]) =>
      [title.padEnd(widths[0]), ...cells.map((cell, i) => cell.padStart(widths[i + 1]))].join("  ")
    ),
    "emptied: from the largest volume to the smallest; of a ventricle's cavity, the ejection fraction",
  ].join("\n");
}

function percent(share: number | null): string {
  return share === null ? "–" : `${share.toFixed(1)} %`;
}
