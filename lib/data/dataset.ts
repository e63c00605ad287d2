/**
 * A dataset as plain data: who was scanned, where the files lie, what the labels mean.
 *
 * @module
 */

/** One structure that the masks outline. */
export interface Structure {
  /** Its value in the masks, 1 or above; 0 is the background. */
  label: number;
  /** Its name, for instance "LV". */
  name: string;
}

/** One image with, perhaps, its mask. */
export interface Scan {
  /** Path of the image. */
  image: string;
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
  /** All patients, sorted by id. */
  patients: Patient[];
  /** What patients are called here, by their own ids, where those are not to be seen. */
  pseudonyms?: ReadonlyMap<string, string>;
}
