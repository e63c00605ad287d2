/**
 * A dataset as plain data: who was scanned, where the files lie, what the labels mean.
 *
 * @module
 */
import type { DataSettings } from "../../config/data_settings.ts";
import type { VoxelOrder } from "../volumes/voxel_order.ts";

/** One structure that the masks outline. */
export interface Structure {
  /** Its label in memory: 1, 2, … without gaps; 0 is the background. */
  label: number;
  /** Its name, for instance "LV". */
  name: string;
  /** Its values in mask files, the one to write first; its label where they are absent. */
  values?: readonly number[];
}

/** Several structures that are evaluated as one, as nnU-Net's regions are. */
export interface Region {
  /** Its name, for instance "whole tumour". */
  name: string;
  /** The labels of its structures. */
  labels: readonly number[];
}

/** Where one channel of a scan is stored. */
export interface ChannelFile {
  /** Path of the file; absent where the patient lacks the channel. */
  path?: string;
  /** Which volume along the file's fourth axis, from 0, where it holds several channels. */
  index?: number;
  /** How many volumes such a file is to hold. */
  of?: number;
}

/** One image with, perhaps, its mask. */
export interface Scan {
  /** Path of the image; of several channels, of the first that there is. */
  image: string;
  /** The scan's channels, in the order of `Dataset.channels`; `image` alone where absent. */
  channels?: readonly ChannelFile[];
  /** Path of the mask, where there is one. */
  mask?: string;
  /** The time point of 4D files, from 0; image and mask are 3D where there is none. */
  frame?: number;
  /** Cardiac phase, where it is known. */
  phase?: "ED" | "ES";
}

/** One patient: the unit that splits never divide. */
export interface Patient {
  /** Unique within the dataset, for instance "patient001". */
  id: string;
  /** Disease group, or "" where the layout has none; few-shot subsets are balanced over it. */
  group: string;
  /**
   * The part of the layout the patient stands in: official test patients are never trained on,
   * official validation patients neither trained nor tested on.
   */
  part: "training" | "validation" | "testing";
  /** The patient's scans in a fixed order. */
  scans: Scan[];
  /** Path of a 4D file with the whole heart beat, where there is one. */
  cine?: string;
}

/** A file of a dataset that is not used. */
export interface UnusedFile {
  /** Its path. */
  path: string;
  /** Why it is not used, as the end of a sentence: "no image of its name". */
  why: string;
}

/** Everything that is known of a dataset before a voxel is read. */
export interface Dataset {
  /** A short name, for instance "phantom" or the folder's. */
  name: string;
  /** Its folder. */
  root: string;
  /** How its folder is laid out, for instance "acdc"; `openDataset` knows the names. */
  layout: string;
  /** The structures that the masks outline, in order of label, labels 1…n without gaps. */
  structures: Structure[];
  /** What is evaluated instead of the single structures, where the dataset describes regions. */
  regions?: readonly Region[];
  /** The value of voxels in mask files that nobody labelled, where the dataset has one. */
  ignore?: number;
  /** Values in mask files, besides 0, that stand for the background, where some were named so. */
  background?: readonly number[];
  /** Names of the channels of every scan; one channel without a name where absent. */
  channels?: readonly string[];
  /** The order that voxels are brought to when read; as they are stored where absent. */
  order?: VoxelOrder;
  /** How its files are read, where it was opened by other settings than the usual. */
  settings?: DataSettings;
  /** Files of the folder that were recognised as scans or masks but are not used, and why. */
  unused?: readonly UnusedFile[];
  /** All patients, sorted by id. */
  patients: Patient[];
  /** What patients are called here, by their own ids, where those are not to be seen. */
  pseudonyms?: ReadonlyMap<string, string>;
}
