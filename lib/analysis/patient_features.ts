/**
 * A network's features of whole slices and patients, by images alone: what a cohort is compared by
 * before anybody has outlined anything.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import type { Dataset } from "../data/datasets/dataset.ts";
import { readCohort } from "../data/slices/cohort.ts";
import { expectWholeScans } from "../data/slices/midl2024.ts";
import type { PreparedVolume, SliceGrid } from "../data/slices/preprocess.ts";
import { meanPoint, type Point, standardised } from "../math/points.ts";

/** Slices that pass the network together. */
const BATCH = 16;

/** A slice of a patient, and what the network makes of it. */
export interface SliceFeatures {
  /** Which of the patient's scans, from 0. */
  scan: number;
  /** Its cardiac phase, or "". */
  phase: string;
  /** Which slice of the scan, from 0. */
  slice: number;
  /** The mean of each feature over the slice's pixels, then the standard deviations: [2 D]. */
  features: Float32Array;
}

/** A patient, slice by slice. */
export interface PatientFeatures {
  /** The patient's id. */
  patient: string;
  /** The slices of all scans in their order. */
  slices: SliceFeatures[];
}

/** Options of {@linkcode patientFeatures}. */
export interface PatientFeaturesOptions {
  /** The grid of the slices. */
  grid: SliceGrid;
  /** Called after each scan with the number read and the number to read. */
  onScan?: (done: number, total: number) => void;
}

/**
 * Features of every slice of some patients, in the dataset's order. No mask is opened, and of the scans
 * no more than one is in memory.
 *
 * @param network From slices to pixel features; it does not change.
 * @throws {RangeError} if the dataset does not have a patient, or was opened with
 * `data.protocol=midl2024`, which would open masks.
 */
export async function patientFeatures(
  network: Network,
  dataset: Dataset,
  patients: readonly string[],
  { grid, onScan }: PatientFeaturesOptions,
): Promise<PatientFeatures[]> {
  expectWholeScans(dataset.settings?.protocol);
  const found = new Map<string, { scans: number; slices: SliceFeatures[] }>();
  for await (
    const { patient, phase, slices } of readCohort(dataset, patients, {
      ...{ grid, labelled: false, onScan },
    })
  ) {
    const { scans, slices: before } = found.get(patient) ?? { scans: 0, slices: [] };
    const rows = await pooledFeatures(network, slices);
    const more = rows.map((features, slice) => ({ scan: scans, phase, slice, features }));
    found.set(patient, { scans: scans + 1, slices: [...before, ...more] });
  }
  return [...found].map(([patient, { slices }]) => ({ patient, slices }));
}

/**
 * Mean and standard deviation (divisor n) of each feature over the pixels of each slice: [2 D] a slice.
 *
 * @param network From slices to pixel features, in evaluation mode.
 */
export async function pooledFeatures(
  network: Network,
  { images, channels, depth, grid: { size } }: Pick<
    PreparedVolume,
    "images" | "channels" | "depth" | "grid"
  >,
): Promise<Float32Array[]> {
  const each = size * size * channels;
  const rows: Float32Array[] = [];
  for (let first = 0; first < depth; first += BATCH) {
    const end = Math.min(depth, first + BATCH);
    const pooled = tf.tidy(() => {
      const part = images.subarray(first * each, end * each);
      const x = tf.tensor4d(part, [end - first, size, size, channels]);
      const { mean, variance } = tf.moments(network.forward(x, { training: false }), [1, 2]);
      return tf.concat([mean, tf.sqrt(variance)], 1);
    });
    const values = await pooled.data<"float32">();
    const [, dimensions] = pooled.shape;
    pooled.dispose();
    for (let at = 0; at < values.length; at += dimensions) {
      rows.push(values.slice(at, at + dimensions));
    }
  }
  return rows;
}

/**
 * A point for each patient, to compare patients by: the mean over all slices of their features, each
 * of which counts alike.
 */
export function patientDescriptors(cohort: readonly PatientFeatures[]): Float64Array[] {
  const means = cohort.map(({ slices }): Point =>
    meanPoint(slices.map(({ features }) => features)) ?? []
  );
  return standardised(means);
}
