/**
 * Points: how far they lie from each other, and what is in their middle.
 *
 * @module
 */

/** A point: its coordinates, as many as those of the points that it is compared with. */
export type Point = ArrayLike<number>;

/** The square of the Euclidean distance of two points. */
export function squaredDistance(a: Point, b: Point): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** The Euclidean distance of each point to each: row i holds those of point i, 0 to itself. */
export function distanceMatrix(points: readonly Point[]): Float64Array[] {
  const rows = points.map(() => new Float64Array(points.length));
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      rows[i][j] = rows[j][i] = Math.sqrt(squaredDistance(points[i], points[j]));
    }
  }
  return rows;
}

/** Position of the least of some values, the first among equals; −1 of none. */
export function positionOfLeast(values: ArrayLike<number>): number {
  let least = values.length > 0 ? 0 : -1;
  for (let i = 1; i < values.length; i++) if (values[i] < values[least]) least = i;
  return least;
}

/** The mean of some points; undefined of none. */
export function meanPoint(points: readonly Point[]): Float64Array | undefined {
  if (points.length === 0) return undefined;
  const mean = new Float64Array(points[0].length);
  for (const point of points) {
    for (let i = 0; i < mean.length; i++) mean[i] += point[i] / points.length;
  }
  return mean;
}

/** Spread of a coordinate, relative to its size, that is nothing but rounding. */
const NEGLIGIBLE = 1e-6;

/**
 * Points whose coordinates have a mean of 0 and a variance of 1, so that each counts alike in a
 * distance; coordinates that do not vary are 0.
 */
export function standardised(points: readonly Point[]): Float64Array[] {
  const mean = meanPoint(points) ?? new Float64Array();
  const squares = meanPoint(points.map((point) => mean.map((x, i) => (point[i] - x) ** 2))) ?? mean;
  const scales = squares.map((square, i) => {
    const spread = Math.sqrt(square);
    return spread > NEGLIGIBLE * Math.abs(mean[i]) ? 1 / spread : 0;
  });
  return points.map((point) => mean.map((x, i) => (point[i] - x) * scales[i]));
}
