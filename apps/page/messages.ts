/**
 * What the page and its worker say to each other.
 *
 * @module
 */
import type { BackendChoice, BackendName } from "../../lib/backends/select.ts";
import type { Structure } from "../../lib/data/datasets/dataset.ts";
import type { SlicesView } from "./view.ts";

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

/** A segmented scan, as it is looked at. */
export interface SegmentedReply extends SlicesView {
  kind: "segmented";
  /** The channels of `pictures`: their names, and the files that they are from. */
  channels: { name: string; source: string }[];
  /** What was odd about the scan, for the model. */
  warnings: string[];
  /** The mask as a file of the scan's own format, grid and order of voxels. */
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
