/**
 * Pixel features in few bytes, for a page that compares them in a browser.
 *
 * @module
 */
import type { PixelFeatures } from "./feature_maps.ts";
import { leadingAxes } from "../math/leading_axes.ts";

/** Features on few axes, a byte each. */
export interface CompactFeatures {
  /** [pixels × dimensions]: a coordinate is its byte times the scale of its axis. */
  values: Int8Array;
  /** What a step of one byte is worth, by axis. */
  scales: Float32Array;
  /** Axes that are kept. */
  dimensions: number;
  /** Mean share of the features' squared length that the axes hold, 0 to 1. */
  kept: number;
}

/** Pixels that decide the axes; others lie close to them. */
const DECIDING = 4096;

/** The most that a signed byte holds to either side. */
const BYTE = 127;

/**
 * Brings features onto few axes, those that keep their angles best, and rounds them to bytes. Each
 * pixel's features are first scaled to unit length: the cosine of two pixels is then the product of
 * what is left of them, to about 0.01 where all axes are kept.
 *
 * @param axes how many axes to keep, at most; no more than there are dimensions.
 */
export function compactFeatures(features: PixelFeatures, axes: number): CompactFeatures {
  const { dimensions: all } = features;
  const rows = unitRows(features);
  const dimensions = Math.min(axes, all);
  const basis = leadingAxes(everyNth(rows, all), { dimensions: all, axes: dimensions });
  const coordinates = project(rows, basis, all);
  const scales = new Float32Array(dimensions);
  coordinates.forEach((x, i) => {
    const axis = i % dimensions;
    scales[axis] = Math.max(scales[axis], Math.abs(x) / BYTE);
  });
  const present = rows.length / all;
  return {
    values: Int8Array.from(coordinates, (x, i) => Math.round(x / (scales[i % dimensions] || 1))),
    scales,
    dimensions,
    kept: coordinates.reduce((sum, x) => sum + x * x, 0) / present,
  };
}

/** The features that compact ones stand for. */
export function expandFeatures({ values, scales, dimensions }: CompactFeatures): PixelFeatures {
  return { values: Float32Array.from(values, (x, i) => x * scales[i % dimensions]), dimensions };
}

/** Each pixel's features at unit length; 0 stays 0. */
function unitRows({ values, dimensions }: PixelFeatures): Float32Array {
  const rows = values.slice();
  for (let at = 0; at < rows.length; at += dimensions) {
    const row = rows.subarray(at, at + dimensions);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)) || 1;
    row.forEach((x, i) => row[i] = x / norm);
  }
  return rows;
}

/** Some of the rows, spread evenly. */
function everyNth(rows: Float32Array, dimensions: number): Float32Array {
  const count = rows.length / dimensions;
  const step = Math.ceil(count / DECIDING);
  if (step === 1) return rows;
  const some = new Float32Array(Math.ceil(count / step) * dimensions);
  for (let i = 0; i * step < count; i++) {
    const start = i * step * dimensions;
    some.set(rows.subarray(start, start + dimensions), i * dimensions);
  }
  return some;
}

/** The coordinates of rows on some axes. */
function project(rows: Float32Array, basis: Float64Array, dimensions: number): Float32Array {
  const axes = basis.length / dimensions;
  const coordinates = new Float32Array(rows.length / dimensions * axes);
  for (let at = 0, to = 0; at < rows.length; at += dimensions) {
    for (let start = 0; start < basis.length; start += dimensions, to++) {
      let sum = 0;
      for (let i = 0; i < dimensions; i++) sum += rows[at + i] * basis[start + i];
      coordinates[to] = sum;
    }
  }
  return coordinates;
}
