/**
 * What the page and its worker say to each other.
 *
 * @module
 */
import type { BackendChoice, BackendName } from "../../lib/backends/select.ts";
import type { Structure } from "../../lib/data/dataset.ts";

/** What the page asks for. */
export type Request =
  | { kind: "model"; file: File }
  | { kind: "scan"; files: readonly File[] }
  | { kind: "segment"; backend: BackendChoice; frame: number };

/** What the worker answers. */
export type Reply =
  | ModelReply
  | ScanReply
  | { kind: "progress"; doing: string; share?: number }
  | SegmentedReply
  | { kind: "error"; message: string };

/** A model that was read. */
export interface ModelReply {
  kind: "model";
  name: string;
  structures: Structure[];
  /** Names of its channels; one without a name where absent. */
  channels?: readonly string[];
}

/** A scan that was read. */
export interface ScanReply {
  kind: "scan";
  /** The names of its files, in the order in which they were chosen. */
  names: readonly string[];
  /** (x, y, z) or (x, y, z, t). */
  shape: readonly number[];
  /** Size of a voxel in mm. */
  spacing: readonly [number, number, number];
  /** What was odd about it. */
  warnings: string[];
}

/** A segmented scan. */
export interface SegmentedReply {
  kind: "segmented";
  /** (x, y, z), x fastest in pictures and `mask`. */
  shape: readonly number[];
  /** Size of a voxel in mm. */
  spacing: readonly [number, number, number];
  /** Its channels: their names, the files that they are from, grey levels to look at. */
  channels: { name: string; source: string; picture: Uint8Array }[];
  /** Labels, as in the file. */
  mask: Uint8Array;
  /** The mask as a .nii.gz file. */
  file: Blob;
  /** The file's name. */
  fileName: string;
  /** Structures with their volumes. */
  structures: (Structure & { millilitres: number })[];
  /** What computed. */
  backend: BackendName;
  /** The GPU's name. */
  adapter?: string;
  /** Threads that computed, on the CPU. */
  threads: number;
  /** How long it took, from the scan in memory to the mask. */
  seconds: number;
}
