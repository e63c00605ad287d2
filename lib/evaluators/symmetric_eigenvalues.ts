/**
 * Eigenvalues of symmetric matrices.
 *
 * @module
 */

/** Norm of the off-diagonal part, relative to the whole matrix, that counts as none. */
const TOLERANCE = 1e-12;

/** Convergence is quadratic: some ten sweeps do for any matrix. */
const MAX_SWEEPS = 50;

/**
 * The eigenvalues of a real symmetric matrix, the greatest first, by cyclic Jacobi rotations (Golub
 * & Van Loan, Matrix Computations, 4th ed., section 8.5). The time grows with the third power of
 * the order: 10 ms for 64, half a second for 256.
 *
 * @param matrix [order × order] numbers, row by row.
 * @throws {RangeError} if the number of values is not a square.
 */
export function symmetricEigenvalues(matrix: Float64Array): Float64Array {
  const order = Math.sqrt(matrix.length);
  if (!Number.isInteger(order)) {
    throw new RangeError(
      `symmetricEigenvalues: expected a square matrix, found ${matrix.length} values`,
    );
  }
  const a = matrix.slice();
  const norm = Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
  const negligible = TOLERANCE * norm / order;
  let rotated = true;
  for (let sweep = 0; sweep < MAX_SWEEPS && rotated; sweep++) {
    rotated = false;
    for (let p = 0; p < order - 1; p++) {
      for (let q = p + 1; q < order; q++) {
        if (Math.abs(a[p * order + q]) <= negligible) continue;
        rotate(a, { order, p, q });
        rotated = true;
      }
    }
  }
  return Float64Array.from({ length: order }, (_, i) => a[i * order + i]).sort().reverse();
}

/** Turns the plane of axes p and q so that their entry becomes 0: A ← JᵀAJ, in place. */
function rotate(
  a: Float64Array,
  { order, p, q }: { order: number; p: number; q: number },
): void {
  const rowP = p * order;
  const rowQ = q * order;
  // Of the two angles that do it, the smaller; t is its tangent.
  const tau = (a[rowQ + q] - a[rowP + p]) / (2 * a[rowP + q]);
  const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
  const cos = 1 / Math.hypot(1, t);
  const sin = t * cos;
  // Rows, then columns. No array destructuring here: it would take ten times as long.
  for (let k = 0; k < order; k++) {
    const akp = a[rowP + k];
    const akq = a[rowQ + k];
    a[rowP + k] = cos * akp - sin * akq;
    a[rowQ + k] = sin * akp + cos * akq;
  }
  for (let row = 0; row < a.length; row += order) {
    const akp = a[row + p];
    const akq = a[row + q];
    a[row + p] = cos * akp - sin * akq;
    a[row + q] = sin * akp + cos * akq;
  }
}
