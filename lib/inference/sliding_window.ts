/**
 * Windows that slide over a slice, and their Gaussian-weighted average, as in nnU-Net (Isensee et
 * al., Nature Methods 18, 2021).
 *
 * @module
 */
import { coveringSize, type PreparedVolume } from "../data/slices/preprocess.ts";

/** Where windows start along one axis. */
export interface WindowOptions {
  /** Pixels per side of a window. */
  size: number;
  /** Share of a window that the next one sees again at least, in [0, 1). */
  overlap: number;
}

/**
 * First pixels of the fewest windows that cover `length` pixels with at least that overlap, evenly
 * spread from one end to the other.
 */
export function windowStarts(length: number, { size, overlap }: WindowOptions): number[] {
  const room = length - size;
  const step = Math.max(1, size * (1 - overlap));
  const gaps = Math.ceil(room / step - 1e-9);
  return Array.from({ length: gaps + 1 }, (_, i) => gaps ? Math.round(i * room / gaps) : 0);
}

/**
 * How much each pixel of a window counts, [size, size]: a Gaussian about the window's centre with a
 * standard deviation of size / 8.
 */
export function gaussianWeights(size: number): Float32Array {
  const axis = Array.from({ length: size }, (_, i) => {
    const deviations = (i - (size - 1) / 2) / (size / 8);
    return Math.exp(-(deviations ** 2) / 2);
  });
  return Float32Array.from({ length: size * size }, (_, i) => {
    return axis[Math.floor(i / size)] * axis[i % size];
  });
}

/** A window's first row and column. */
export interface Window {
  /** Its first row. */
  row: number;
  /** Its first column. */
  column: number;
}

/**
 * The windows over the part of the slices that the scan fills; the slices are square, the scan need
 * not be.
 */
export function windowsOver(prepared: PreparedVolume, options: WindowOptions): Window[] {
  const { grid, original: { width, height, spacing } } = prepared;
  const starts = (size: number, spacing: number) => {
    const covered = coveringSize(size, spacing, { ...grid, size: options.size });
    return windowStarts(covered, options).map((start) => (grid.size - covered) / 2 + start);
  };
  const columns = starts(width, spacing[0]);
  return starts(height, spacing[1]).flatMap((row) => columns.map((column) => ({ row, column })));
}

/** The windows of a slice [side, side, channels]: [windows, size, size, channels]. */
export function cutWindows(
  slice: Float32Array,
  windows: readonly Window[],
  { size, side, channels }: { size: number; side: number; channels: number },
): Float32Array {
  const line = size * channels;
  const cut = new Float32Array(windows.length * size * line);
  let at = 0;
  for (const { row, column } of windows) {
    for (let y = 0; y < size; y++, at += line) {
      const start = ((row + y) * side + column) * channels;
      cut.set(slice.subarray(start, start + line), at);
    }
  }
  return cut;
}

/**
 * Averages what windows say of their pixels, [windows, size, size, classes], where they overlap.
 *
 * @returns [side, side, classes]; 0 where no window is.
 */
export function joinWindows(
  probabilities: Float32Array,
  windows: readonly Window[],
  { size, side }: { size: number; side: number },
): Float32Array {
  const classes = probabilities.length / (windows.length * size * size);
  const weights = gaussianWeights(size);
  // In double precision: many windows may overlap, whose weights differ by orders of magnitude.
  const sums = new Float64Array(side * side * classes);
  const totals = new Float64Array(side * side);
  windows.forEach(({ row, column }, window) => {
    for (let i = 0; i < weights.length; i++) {
      const target = (row + Math.floor(i / size)) * side + column + i % size;
      const source = (window * weights.length + i) * classes;
      totals[target] += weights[i];
      for (let c = 0; c < classes; c++) {
        sums[target * classes + c] += weights[i] * probabilities[source + c];
      }
    }
  });
  return Float32Array.from(sums, (sum, i) => {
    const total = totals[Math.floor(i / classes)];
    return total > 0 ? sum / total : 0;
  });
}
