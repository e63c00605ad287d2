/**
 * The exact Euclidean distance transform on an anisotropic grid.
 *
 * @module
 */

/** A regular grid of voxels. */
export interface Grid {
  /** Number of voxels along x, y, z; x runs fastest in memory. */
  shape: readonly number[];
  /** Size of a voxel in mm along x, y, z. */
  spacing: readonly number[];
}

/**
 * Measures the distance in mm from every voxel's centre to the nearest centre of a voxel that is
 * set; Infinity everywhere when none is set.
 *
 * Separable lower envelopes of parabolas, in time linear in the number of voxels: Felzenszwalb and
 * Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8, 2012.
 *
 * @param mask Non-zero where set, [x, y, z] with x fastest.
 */
export function distanceTransform(mask: Uint8Array, grid: Grid): Float64Array<ArrayBuffer> {
  const squares = Float64Array.from(mask, (set) => set ? 0 : Infinity);
  const longest = Math.max(...grid.shape);
  const envelope: Envelope = {
    heights: new Float64Array(longest),
    vertices: new Int32Array(longest),
    starts: new Float64Array(longest),
  };
  let stride = 1;
  grid.shape.forEach((length, axis) => {
    const line = { stride, length, weight: grid.spacing[axis] ** 2 };
    const block = stride * length;
    for (let first = 0; first < squares.length; first += block) {
      for (let start = first; start < first + stride; start++) {
        transformLine(squares, { ...line, start }, envelope);
      }
    }
    stride = block;
  });
  return squares.map(Math.sqrt);
}

/** One line of voxels: where it lies in memory, and the squared distance of two neighbours. */
interface Line {
  start: number;
  stride: number;
  length: number;
  weight: number;
}

/** Scratch space: the line's values, and the parabolas of its lower envelope from left to right. */
interface Envelope {
  heights: Float64Array;
  vertices: Int32Array;
  starts: Float64Array;
}

/** Replaces f(q) by min over v of f(v) + weight · (q − v)², along one line, in place. */
function transformLine(values: Float64Array, line: Line, envelope: Envelope): void {
  const { start, stride, length, weight } = line;
  const { heights, vertices, starts } = envelope;
  let last = -1;
  for (let q = 0; q < length; q++) {
    heights[q] = values[start + q * stride];
    if (heights[q] === Infinity) continue; // no parabola: it would only bring NaN
    let from = -Infinity;
    for (; last >= 0; last--) {
      const v = vertices[last];
      from = ((heights[q] - heights[v]) / weight + q * q - v * v) / (2 * (q - v));
      if (from > starts[last]) break;
    }
    last++;
    vertices[last] = q;
    starts[last] = from;
  }
  if (last < 0) return;
  for (let q = 0, k = 0; q < length; q++) {
    while (k < last && starts[k + 1] < q) k++;
    const v = vertices[k];
    values[start + q * stride] = heights[v] + weight * (q - v) ** 2;
  }
}
