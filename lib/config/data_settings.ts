/**
 * How the files of a dataset are read, as settings.
 *
 * @module
 */

/** How the files of a dataset are read. */
export interface DataSettings {
  /** Names of the channels to use, in this order, or all that the dataset has. */
  channels: "all" | readonly string[];
  /** What becomes of a scan that lacks a channel: it is refused, or the channel is zero. */
  missingChannel: "refuse" | "zero";
  /** Intensities that become 0 and 1, for instance [-160, 240] HU of a CT; percentiles by default. */
  window: "percentiles" | readonly [low: number, high: number];
  /** Structures by name with their values in masks, for instance {"lv": 500, "myo": [205, 600]}. */
  labels: "as-stored" | Readonly<Record<string, number | readonly number[]>>;
  /** The value in masks of voxels that nobody labelled; by default nnU-Net's, if it names one. */
  ignoreLabel: "as-described" | number;
  /** What slices without an outline are: background, or unlabelled, so that they count nowhere. */
  unlabelledSlices: "background" | "leave-out";
}

/** How files are read by default. */
export const DATA_SETTINGS: DataSettings = {
  channels: "all",
  missingChannel: "refuse",
  window: "percentiles",
  labels: "as-stored",
  ignoreLabel: "as-described",
  unlabelledSlices: "background",
};
