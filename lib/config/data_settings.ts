/**
 * How the files of a dataset are read, as settings.
 *
 * @module
 */

/** What of a scan may be read. */
export const PROTOCOLS = ["whole-scans", "midl2024"] as const;

/** What of a scan is read: see {@linkcode DataSettings}. */
export type Protocol = typeof PROTOCOLS[number];

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
  /**
   * What is read of scans: all, or what the code of MIDL 2024 keeps of them by their reference masks,
   * for a comparison with the paper alone.
   */
  protocol: Protocol;
}

/** How files are read by default. */
export const DATA_SETTINGS: DataSettings = {
  channels: "all",
  missingChannel: "refuse",
  window: "percentiles",
  labels: "as-stored",
  ignoreLabel: "as-described",
  unlabelledSlices: "background",
  protocol: "whole-scans",
};
