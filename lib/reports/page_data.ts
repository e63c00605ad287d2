/**
 * What a report embeds as JSON for its page's script: written by the sections, read by `page/`.
 *
 * @module
 */
import type { Sides } from "../data/volumes/voxel_order.ts";
import type { CartesianFigure } from "./figures.ts";

/** All that a page embeds; what it does not show is absent. */
export interface PageData extends SectionData {
  /** The figures to draw, by the ids of their elements. */
  figures: Record<string, CartesianFigure>;
  /** Tables to save, by the ids of their buttons. */
  tables: Record<string, CsvData>;
}

/** What sections embed besides figures and tables. */
export interface SectionData {
  /** The chart of patients. */
  patients?: PatientsData;
  /** The slice browser. */
  slices?: SlicesData;
  /** The explorer of pixel features. */
  features?: FeaturesData;
}

/** A table as a file. */
export interface CsvData {
  /** The file's name. */
  name: string;
  /** Its text. */
  text: string;
}

/** Settings whose Dice is compared patient by patient. */
export interface PatientsData {
  /** The id of the chart's element. */
  chart: string;
  /** The settings to choose from. */
  settings: readonly PatientsSetting[];
}

/** A setting's Dice by patient. */
export interface PatientsSetting {
  /** Its name. */
  name: string;
  /** Its name for plotly. */
  label: string;
  /** Dice by trace and patient. */
  dice: readonly (readonly number[])[];
}

/** A label that is painted. */
export interface ColouredLabel {
  /** Its value in a label map. */
  label: number;
  /** What it means. */
  name: string;
  /** "#RRGGBB". */
  colour: string;
}

/** Labels of a picture of errors. */
export const ERROR_LABELS = { missed: 1, extra: 2, confused: 3 } as const;

/** Bytes: zlib in base64. */
export type Packed = string;

/** Scans to look through. */
export interface SlicesData {
  /** The models whose predictions there are. */
  models: readonly ModelName[];
  /** The structures of references and predictions. */
  structures: readonly ColouredLabel[];
  /** What pictures of errors show. */
  errors: readonly ColouredLabel[];
  /** The scans. */
  scans: readonly PackedScan[];
  /** What is shown first: positions in `scans` and `models`. */
  first: { scan: number; model: number };
}

/** How a model is called. */
export interface ModelName {
  /** Its name among those that were trained alike, for instance "Fine-tuned, pix2rep". */
  name: string;
  /** What those were trained on, for instance "1 labelled patient"; "" where all models are alike. */
  group: string;
}

/** The shown slices of one scan. */
export interface PackedScan {
  /** How it is called. */
  title: string;
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
  /** Intensities, 0 to 255: [channels, slices, height, width]. */
  images: Packed;
  /** The reference's labels: [slices, height, width]; absent where nobody outlined the scan. */
  reference?: Packed;
  /** What each model predicts: [models, slices, height, width]. */
  predictions: Packed;
}

/** Slices with the features of their pixels. */
export interface FeaturesData {
  /** Pixels per side. */
  size: number;
  /** How the slices are called. */
  titles: readonly string[];
  /** The structures of the labels. */
  structures: readonly ColouredLabel[];
  /** Intensities, 0 to 255: [slices, size, size]. */
  images: Packed;
  /** Labels of the reference: [slices, size, size]. */
  labels: Packed;
  /** What each pretraining makes of them. */
  pretrainings: readonly PackedFeatures[];
}

/** The features of one pretraining. */
export interface PackedFeatures {
  /** Its name. */
  name: string;
  /** Features of a pixel before few axes were kept. */
  dimensions: number;
  /** The share of the features' squared length that was kept. */
  kept: number;
  /** Principal components as colours, 0 to 255: [slices, size, size, 3]. */
  colours: Packed;
  /** Signed bytes: [slices, size, size, axes]. */
  features: Packed;
  /** What one of the bytes is worth, by axis. */
  scales: readonly number[];
}
