/**
 * The few directions that hold most of many features.
 *
 * @module
 */
import { random } from "./random.ts";

/** Passes of the iteration: more would only sort out directions that hold about equally much. */
const PASSES = 12;

/** Share of the rows' squared length that is added to every direction, so that none is lost. */
const SHIFT = 1e-6;

/**
 * Orthonormal axes that together hold the most of the rows' squared lengths: the leading
 * eigenvectors of the rows' second moment, which is not centred, so that angles are kept. Found by
 * orthogonal iteration (Golub & Van Loan, Matrix Computations, 4th ed., section 8.2.4): seconds for
 * 32 of 1024 dimensions, where all eigenvectors take minutes.
 *
 * @param rows [count × dimensions], row by row.
 * @param axes how many are wanted, at most `dimensions`.
 * @returns [axes × dimensions], axis by axis, in no particular order.
 */
export function leadingAxes(
  rows: Float32Array,
  { dimensions, axes }: { dimensions: number; axes: number },
): Float64Array {
  const source = random("leading axes");
  const shift = SHIFT * rows.reduce((sum, x) => sum + x * x, 0) || 1;
  let basis = Float64Array.from({ length: axes * dimensions }, () => source.normal());
  orthonormalise(basis, dimensions);
  for (let pass = 0; pass < PASSES; pass++) {
    const next = basis.map((x) => shift * x);
    for (let at = 0; at < rows.length; at += dimensions) {
      addProjections(next, basis, rows.subarray(at, at + dimensions));
    }
    orthonormalise(next, dimensions);
    basis = next;
  }
  return basis;
}

/** Adds to each axis of `sum` the row times its product with that axis of the basis. */
function addProjections(sum: Float64Array, basis: Float64Array, row: Float32Array): void {
  const { length } = row;
  for (let start = 0; start < basis.length; start += length) {
    let product = 0;
    for (let i = 0; i < length; i++) product += basis[start + i] * row[i];
    for (let i = 0; i < length; i++) sum[start + i] += product * row[i];
  }
}

/** Makes axes orthonormal, one after another, in place. */
function orthonormalise(axes: Float64Array, dimensions: number): void {
  for (let start = 0; start < axes.length; start += dimensions) {
    const axis = axes.subarray(start, start + dimensions);
    // Twice: one pass of Gram-Schmidt leaves errors where little is left of an axis.
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < start; before += dimensions) {
        let product = 0;
        for (let i = 0; i < dimensions; i++) product += axis[i] * axes[before + i];
        for (let i = 0; i < dimensions; i++) axis[i] -= product * axes[before + i];
      }
      const norm = Math.sqrt(axis.reduce((sum, x) => sum + x * x, 0));
      axis.forEach((x, i) => axis[i] = x / norm);
    }
  }
}
