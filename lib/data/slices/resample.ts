/**
 * Resampling of one plane onto another, as separable weights.
 *
 * @module
 */

/** The pixels along one axis of a plane. */
export interface Axis {
  /** Number of pixels. */
  size: number;
  /** Distance of two pixel centres in mm. */
  spacing: number;
  /** Where the axis' middle lies in mm; 0, the scan's middle, by default. */
  centre?: number;
}

/** What one target pixel is made of along one axis: neighbouring source pixels and their shares. */
export interface Taps {
  /** Index of the first source pixel. */
  first: number;
  /** Shares of the source pixels from `first` on; they sum to 1, or are none outside the source. */
  weights: number[];
}

/** The position on axis `to`, in pixels, of position `index` on axis `from`. */
export function mapIndex(index: number, from: Axis, to: Axis): number {
  const shift = (from.centre ?? 0) - (to.centre ?? 0);
  return (to.size - 1) / 2 + ((index - (from.size - 1) / 2) * from.spacing + shift) / to.spacing;
}

/**
 * The weights that make each pixel of axis `to` from the pixels of axis `from`: a triangle as wide
 * as the coarser of the two spacings. This is linear interpolation where the target is finer, and
 * averages instead of skipping pixels where it is coarser, so that nothing aliases. Pixels whose
 * centre lies outside the source get no weights.
 */
export function axisTaps(from: Axis, to: Axis): Taps[] {
  const reach = Math.max(1, to.spacing / from.spacing);
  return Array.from({ length: to.size }, (_, target) => {
    const centre = mapIndex(target, to, from);
    if (centre < -0.5 || centre > from.size - 0.5) return { first: 0, weights: [] };
    const first = Math.max(0, Math.floor(centre - reach) + 1);
    const last = Math.min(from.size - 1, Math.ceil(centre + reach) - 1);
    const shares: number[] = [];
    for (let i = first; i <= last; i++) shares.push(1 - Math.abs(i - centre) / reach);
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { first, weights: shares.map((share) => share / total) };
  });
}

/** The size of a plane that {@linkcode resamplePlane} reads. */
export interface PlaneShape {
  /** Number of rows. */
  height: number;
  /** Number of columns. */
  width: number;
  /** Values per pixel. */
  channels: number;
}

/**
 * Resamples a plane `[height, width, channels]` to `[rows.length, columns.length, channels]`.
 * Pixels without weights are 0.
 */
export function resamplePlane(
  plane: Float32Array,
  shape: PlaneShape,
  taps: { rows: Taps[]; columns: Taps[] },
): Float32Array {
  const { height, width, channels } = shape;
  const stride = taps.columns.length * channels;
  const wide = new Float32Array(height * stride);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < taps.columns.length; column++) {
      const { first, weights } = taps.columns[column];
      const target = row * stride + column * channels;
      for (let tap = 0; tap < weights.length; tap++) {
        const source = (row * width + first + tap) * channels;
        for (let c = 0; c < channels; c++) wide[target + c] += weights[tap] * plane[source + c];
      }
    }
  }
  const result = new Float32Array(taps.rows.length * stride);
  taps.rows.forEach(({ first, weights }, row) => {
    for (let tap = 0; tap < weights.length; tap++) {
      const source = (first + tap) * stride;
      for (let i = 0; i < stride; i++) result[row * stride + i] += weights[tap] * wide[source + i];
    }
  });
  return result;
}
