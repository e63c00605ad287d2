/**
 * All that a report shows: gathered by `gather/`, made markup by `sections/`.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import type { CompactFeatures } from "../../analysis/compact_features.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import type { Sides } from "../../data/volumes/voxel_order.ts";
import type { StartedBy } from "../../runs/provenance.ts";
import type { RunCases } from "../../experiments/patient_dice.ts";
import type { SweepResult } from "../../experiments/result.ts";
import type { Tuning } from "../../experiments/tuning/tuning.ts";
import type { QualityCurve, TrainingCurve } from "../figures.ts";
import type { ModelName } from "../page_data.ts";

/** All that a report shows. What is empty is left out. */
export interface ReportInput {
  /** The page's title. */
  title: string;
  /** The sweep; it must have rows. */
  result: SweepResult;
  /** The metrics of the runs by patient, of those that have them. */
  cases: readonly RunCases[];
  /** The search that chose the strategies' settings, where there was one. */
  tuning?: Tuning;
  /** How long each training took, of those that tell. */
  durations: readonly TrainingDuration[];
  /** Losses by step, charted by group. */
  trainingCurves: readonly TrainingCurve[];
  /** Measurements of the pretrainings by step. */
  qualityCurves: readonly QualityCurve[];
  /** Test slices with masks. */
  slices: SliceViews;
  /** Slices with their pixel features. */
  features: FeatureViews;
  /** What was trained and tested on. */
  data: DataSummary;
  /** Where the results were computed, and when they were reported. */
  environment: ReportOrigin;
  /** What a reader must know to judge the figures, a sentence or two each. */
  notes: readonly string[];
}

/** A scan with what each model makes of it, on one grid, and its reference where it has one. */
export interface ScanView {
  /** The patient's id, or what else the scan is called. */
  patient: string;
  /** The cardiac phase, or "". */
  phase: string;
  /** Pixels along a row. */
  width: number;
  /** Rows. */
  height: number;
  /** The height of a pixel as a share of its width. */
  aspect: number;
  /** Where in the patient its edges lie, where that is known. */
  sides?: Sides;
  /** Slices of the whole scan. */
  depth: number;
  /** The numbers in the scan, from 0, of the slices that are here. */
  numbers: readonly number[];
  /** Intensities in [0, 1]: [slices, height, width, channels]. */
  images: Float32Array;
  /** The reference's labels: [slices, height, width]; absent where nobody outlined the scan. */
  reference?: Uint8Array;
  /** What each of the models predicts: [slices, height, width]. */
  predictions: readonly Uint8Array[];
}

/** What the slice browser shows. */
export interface SliceViews {
  /** The models. */
  models: readonly ModelName[];
  /** Names of the scans' channels; one channel without a name where absent. */
  channels?: readonly string[];
  /** The scans. */
  scans: readonly ScanView[];
  /** What is shown first: positions in `scans` and `models`, from 0. */
  first: { scan: number; model: number };
}

/** How a scan is called, for instance "patient001 · ED". */
export function scanTitle({ patient, phase }: Pick<ScanView, "patient" | "phase">): string {
  return phase === "" ? patient : `${patient} · ${phase}`;
}

/** The features that one pretraining gives to the slices. */
export interface PretrainedFeatures extends CompactFeatures {
  /** The pretraining's name. */
  name: string;
  /** Features of a pixel before few axes were kept. */
  all: number;
  /** Principal components as colours in [0, 1]: [slices, size, size, 3]. */
  colours: Float32Array;
}

/** What the explorer shows: some slices, and the features of all their pixels. */
export interface FeatureViews {
  /** Pixels per side. */
  size: number;
  /** How the slices are called. */
  titles: readonly string[];
  /** Intensities of the first channel, in [0, 1]: [slices, size, size]. */
  images: Float32Array;
  /** Labels of the reference: [slices, size, size]. */
  labels: Uint8Array;
  /** The pretrainings; their features are [slices, size, size, dimensions]. */
  pretrainings: readonly PretrainedFeatures[];
}

/** A scan as a run segmented it. */
export interface RankedCase {
  /** The patient's id. */
  patient: string;
  /** The patient's group, or "". */
  group: string;
  /** The cardiac phase, or ""; a patient's scans of one phase count as one. */
  phase: string;
  /** The mean Dice over structures that are in prediction or reference. */
  dice: number;
  /** The metrics of its structures. */
  metrics: readonly CaseMetrics[];
}

/** The scans of one run, by how well they were segmented. */
export interface RankedCases {
  /** The run. */
  run: Omit<RunCases, "cases">;
  /** Its scans, that of lowest Dice first. */
  scans: readonly RankedCase[];
}

/** Where the results were computed. */
export interface ReportEnvironment extends StartedBy {
  /** The tfjs backend, for instance "webgpu". */
  backend: string;
  /** Deno's version. */
  deno: string;
  /** How long everything took, in seconds; unknown of runs that others have run. */
  seconds?: number;
}

/** How a report came about. */
export interface ReportOrigin extends ReportEnvironment {
  /** The toolkit's version. */
  version: string;
  /** When the first run began and the last ended, in UTC, where the runs tell. */
  runs?: { began: string; ended: string };
  /** SHA-256 of the slices of each pretraining, where it tells. */
  slices: { pretraining: string; digest: string }[];
  /** The machine, for instance "linux x64, 8 threads". */
  system: string;
  /** Memory in GB that the process held at most that made the report. */
  memoryGb: number;
  /** The day that the report was made, for instance "2026-03-01". */
  date: string;
}

/** What the models were trained and tested on. */
export interface DataSummary {
  /** The dataset's name. */
  name: string;
  /** How its folder is laid out. */
  layout: string;
  /** The structures that the masks outline. */
  structures: readonly Structure[];
  /** The grid of the slices: pixels per side, and their distance in mm. */
  grid: { size: number; spacing: number };
  /** Patients by group. */
  groups: readonly GroupSummary[];
  /** The labelled patients of every seed, by their number. */
  labelled: readonly { seed: number; patients: number; ids: readonly string[] }[];
}

/** Patients of one group. */
export interface GroupSummary {
  /** The group's name, or "". */
  group: string;
  /** Those who may be trained on. */
  training: number;
  /** Those who are tested on. */
  test: number;
  /** Their scans; the frames of cines are not counted. */
  scans: number;
}

/** How long a training took. */
export interface TrainingDuration {
  /** A pretraining's name, or that of a setting. */
  name: string;
  /** Number of labelled patients; none of a pretraining. */
  patients?: number;
  /** From its first step's beginning to its end, with all interruptions. */
  minutes: number;
}
